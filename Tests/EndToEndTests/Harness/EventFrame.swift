internal import Primitives

/// One block of an event stream, exactly as it came.
struct EventFrame: Sendable, Hashable {
    /// Its lines, without the blank one that ends it.
    let lines: [String]

    /// With the blank line.
    var byteCount: Int { lines.reduce(1) { $0 + $1.utf8.count + 1 } }

    var id: String? { field("id: ") }
    var data: String? { field("data: ") }
    var json: JSON? { data.flatMap { try? JSON.parse(Array($0.utf8)).root } }

    private func field(_ prefix: String) -> String? {
        lines.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
    }

    /// The frames of a stream that was read to its end.
    /// - Throws: when it ends inside a frame.
    static func all(of body: [UInt8]) throws -> [EventFrame] {
        var parser = EventFrameParser()
        let frames = parser.feed(body)
        guard parser.isBetweenFrames else { throw ProgramFailure("the stream ends inside a frame") }
        return frames
    }
}

/// Cuts a stream into its frames; line ends are LF, as the contract has it.
struct EventFrameParser {
    private var rest: [UInt8] = []

    var isBetweenFrames: Bool { rest.isEmpty }

    mutating func feed(_ bytes: some Collection<UInt8>) -> [EventFrame] {
        rest.append(contentsOf: bytes)
        var frames: [EventFrame] = []
        while let end = rest.firstRange(of: [10, 10]) {
            let text = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            frames.append(
                EventFrame(lines: text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
            )
            rest.removeSubrange(..<end.upperBound)
        }
        return frames
    }
}
