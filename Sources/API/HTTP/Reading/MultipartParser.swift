/// A pure parser of `multipart/form-data` (RFC 7578, RFC 2046 §5.1): bytes go in as they arrive, events come out.
///
/// Between two feeds it holds no more than a part's headers or one boundary with its padding.
struct MultipartParser {
    enum Event: Equatable {
        case part(Part)
        case data([UInt8])
        case partEnd
    }

    /// What `Content-Disposition` and `Content-Type` say of a part.
    struct Part: Equatable {
        let name: String
        let fileName: String?
        let contentType: String?
    }

    enum Failure: Error, Equatable {
        case noBoundary, headersTooLarge, malformedHeaders, tooManyParts, unexpectedEnd
    }

    private enum State {
        case preamble, headers, data, epilogue
    }

    /// What comes first in the bytes that are left.
    private enum Find {
        /// A boundary, with the padding behind it; the line end, which headers that are empty end with, is left.
        case boundary(Range<Int>, isLast: Bool)
        /// Nothing before this index, and from there on too little to tell.
        case undecided(from: Int)
    }

    /// Of a part's headers, or of a boundary's padding.
    private static let maximumHeaderBytes = 8192
    /// No form of ours has more than a few.
    private static let maximumParts = 16

    /// CRLF, two dashes and the boundary: what ends a part's data.
    private let delimiter: [UInt8]
    // The first boundary may stand at the very beginning: with a CRLF put before it, all boundaries look alike.
    private var buffer: [UInt8] = [13, 10]
    /// Where in the buffer what was not read yet begins.
    private var position = 0
    private var state = State.preamble
    private var parts = 0
    // Bytes of the line end that ends the headers; it was kept in front of the data and is none.
    private var lineEndLeft = 0

    /// - Parameter contentType: the request's header, `multipart/form-data; boundary=…`.
    init(contentType: String) throws(Failure) {
        guard let boundary = Self.parameter("boundary", of: contentType), (1...70).contains(boundary.utf8.count) else {
            throw .noBoundary
        }
        delimiter = [13, 10, 45, 45] + Array(boundary.utf8)
    }

    mutating func feed(_ bytes: some Collection<UInt8>) throws(Failure) -> [Event] {
        buffer.append(contentsOf: bytes)
        var events: [Event] = []
        while try step(&events) {}
        buffer.removeFirst(position)
        position = 0
        return events
    }

    /// - Throws: `unexpectedEnd` if the closing boundary was not seen.
    func finish() throws(Failure) {
        guard case .epilogue = state else { throw .unexpectedEnd }
    }

    /// - Returns: false when more bytes are needed.
    private mutating func step(_ events: inout [Event]) throws(Failure) -> Bool {
        switch state {
        case .preamble, .data:
            switch try find() {
            case .boundary(let boundary, let isLast):
                take(upTo: boundary.lowerBound, &events)
                if state == .data { events.append(.partEnd) }
                position = boundary.upperBound
                state = isLast ? .epilogue : .headers
                return true
            case .undecided(let index):
                take(upTo: index, &events)
                return false
            }
        case .headers:
            guard let end = buffer[position...].firstRange(of: [13, 10, 13, 10]) else {
                guard buffer.count - position < Self.maximumHeaderBytes else { throw .headersTooLarge }
                return false
            }
            parts += 1
            guard parts <= Self.maximumParts else { throw .tooManyParts }
            events.append(.part(try Self.part(headers: buffer[position..<end.lowerBound])))
            // The line end before the data stays, so that a boundary that follows at once is recognised.
            position = end.upperBound - 2
            lineEndLeft = 2
            state = .data
            return true
        case .epilogue:
            position = buffer.count
            return false
        }
    }

    /// A boundary is the delimiter with two dashes behind it, or with spaces (transport padding) and a line end; with
    /// anything else behind it, it is text (RFC 2046 §5.1.1).
    private func find() throws(Failure) -> Find {
        var start = position
        while let match = buffer[start...].firstRange(of: delimiter) {
            let rest = buffer[match.upperBound...]
            if rest.starts(with: [45, 45]) { return .boundary(match.lowerBound..<match.upperBound + 2, isLast: true) }
            let line = rest.drop { $0 == 32 || $0 == 9 }
            if line.starts(with: [13, 10]) { return .boundary(match.lowerBound..<line.startIndex, isLast: false) }
            if line.isEmpty || line.elementsEqual([13]) || rest.elementsEqual([45]) {
                guard rest.count < Self.maximumHeaderBytes else { throw .malformedHeaders }
                return .undecided(from: match.lowerBound)
            }
            start = match.upperBound
        }
        // The last bytes may be the beginning of a delimiter.
        return .undecided(from: max(start, buffer.count - delimiter.count + 1))
    }

    /// Reads on to there: data, or what stands before the first boundary.
    private mutating func take(upTo end: Int, _ events: inout [Event]) {
        defer { position = end }
        guard state == .data else { return }
        let data = buffer[position..<end].dropFirst(lineEndLeft)
        lineEndLeft -= end - position - data.count
        if !data.isEmpty { events.append(.data(Array(data))) }
    }

    private static func part(headers: ArraySlice<UInt8>) throws(Failure) -> Part {
        guard let text = String(validating: headers, as: UTF8.self) else { throw .malformedHeaders }
        var disposition: String?
        var contentType: String?
        for line in text.split(separator: "\r\n") {
            let pair = line.split(separator: ":", maxSplits: 1)
            guard pair.count == 2 else { throw .malformedHeaders }
            let value = String(pair[1].drop { $0 == " " })
            switch pair[0].lowercased() {
            case "content-disposition": disposition = value
            case "content-type": contentType = value
            default: break
            }
        }
        guard let disposition, disposition.lowercased().hasPrefix("form-data"),
            let name = parameter("name", of: disposition)
        else { throw .malformedHeaders }
        return Part(name: name, fileName: parameter("filename", of: disposition), contentType: contentType)
    }

    /// A parameter of a header's value, quoted or not.
    ///
    /// Browsers write `"` in a name as `%22` (HTML §4.10.21.8).
    private static func parameter(_ name: String, of value: String) -> String? {
        var rest = value.drop { $0 != ";" }
        while rest.first == ";" {
            rest = rest.dropFirst().drop { $0 == " " }
            let key = rest.prefix { $0 != "=" && $0 != ";" }
            rest = rest.dropFirst(key.count)
            guard rest.first == "=" else { continue }
            rest = rest.dropFirst()
            var found = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.popFirst(), character != "\"" {
                    found.append(character == "\\" ? rest.popFirst() ?? "\\" : character)
                }
                rest = rest.drop { $0 != ";" }
            } else {
                found = String(rest.prefix { $0 != ";" && $0 != " " })
                rest = rest.drop { $0 != ";" }
            }
            if key.lowercased() == name { return found }
        }
        return nil
    }
}
