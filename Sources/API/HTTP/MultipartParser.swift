/// A pure parser of `multipart/form-data` (RFC 7578, RFC 2046 §5.1): bytes go in as they arrive, events come out.
///
/// It holds no more than a part's headers or one boundary's length of data.
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
        case noBoundary, headersTooLarge, malformedHeaders, unexpectedEnd
    }

    private enum State {
        case preamble, afterBoundary, headers, data, epilogue
    }

    private static let maximumHeaderBytes = 8192

    /// CRLF, two dashes and the boundary: what ends a part's data.
    private let delimiter: [UInt8]
    // The first boundary may stand at the very beginning: with a CRLF put before it, all boundaries look alike.
    private var buffer: [UInt8] = [13, 10]
    private var state = State.preamble
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
        return events
    }

    /// - Throws: `unexpectedEnd` if the closing boundary was not seen.
    func finish() throws(Failure) {
        guard case .epilogue = state else { throw .unexpectedEnd }
    }

    /// - Returns: false when more bytes are needed.
    private mutating func step(_ events: inout [Event]) throws(Failure) -> Bool {
        switch state {
        case .preamble:
            guard let match = buffer.firstRange(of: delimiter) else {
                buffer.removeFirst(max(0, buffer.count - delimiter.count))
                return false
            }
            buffer.removeSubrange(..<match.upperBound)
            state = .afterBoundary
            return true
        case .afterBoundary:
            guard buffer.count >= 2 else { return false }
            if buffer.starts(with: [45, 45]) {
                state = .epilogue
            } else if let end = buffer.firstRange(of: [13, 10]) {
                // Spaces may follow a boundary (RFC 2046 §5.1.1, transport padding). The line end is kept: headers that
                // are empty end with it.
                buffer.removeSubrange(..<end.lowerBound)
                state = .headers
            } else {
                guard buffer.count < Self.maximumHeaderBytes else { throw .malformedHeaders }
                return false
            }
            return true
        case .headers:
            guard let end = buffer.firstRange(of: [13, 10, 13, 10]) else {
                guard buffer.count < Self.maximumHeaderBytes else { throw .headersTooLarge }
                return false
            }
            events.append(.part(try Self.part(headers: buffer[..<end.lowerBound])))
            // The line end before the data stays, so that a boundary that follows at once is recognised.
            buffer.removeSubrange(..<(end.upperBound - 2))
            lineEndLeft = 2
            state = .data
            return true
        case .data:
            return takeData(&events)
        case .epilogue:
            buffer.removeAll()
            return false
        }
    }

    private mutating func takeData(_ events: inout [Event]) -> Bool {
        if let match = buffer.firstRange(of: delimiter) {
            emit(buffer[..<match.lowerBound], &events)
            events.append(.partEnd)
            buffer.removeSubrange(..<match.upperBound)
            state = .afterBoundary
            return true
        }
        // The last bytes may be the beginning of a boundary.
        let safe = buffer.count - delimiter.count
        if safe > 0 {
            emit(buffer[..<safe], &events)
            buffer.removeSubrange(..<safe)
        }
        return false
    }

    private mutating func emit(_ bytes: ArraySlice<UInt8>, _ events: inout [Event]) {
        let data = bytes.dropFirst(lineEndLeft)
        lineEndLeft -= bytes.count - data.count
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
