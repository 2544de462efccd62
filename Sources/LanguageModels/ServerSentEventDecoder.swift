/// One event of a stream: its `event:` name, if it had one, and its `data:` lines joined by LF.
struct ServerSentEvent: Hashable, Sendable {
    let name: String?
    let data: [UInt8]

    /// `[DONE]`, with which some servers end every stream.
    var isDoneMarker: Bool { data.elementsEqual("[DONE]".utf8) }
}

/// What makes a stream unreadable; the decoder is of no use afterwards.
enum ServerSentEventError: Error, Hashable {
    case lineTooLong(limit: Int)
    case eventTooLong(limit: Int)
}

/// Turns the bytes of an event stream into events, however they are cut (WHATWG HTML §9.2.6).
///
/// Lines end with LF, CR or CRLF; a byte order mark at the start, comments, `id`, `retry` and unknown fields are
/// skipped; a last event without its blank line is never given. Bytes are joined before anybody reads them as UTF-8,
/// so a character may be cut too.
struct ServerSentEventDecoder: Sendable {
    private let maximumLineBytes: Int
    private let maximumEventBytes: Int
    private var line: [UInt8] = []
    private var isFirstLine = true
    private var endedWithCarriageReturn = false
    private var name: String?
    private var data: [UInt8]?

    /// The defaults hold the largest event that recorded traffic shows, a finished answer with its whole text, 16 times.
    init(maximumLineBytes: Int = 4 << 20, maximumEventBytes: Int = 4 << 20) {
        self.maximumLineBytes = maximumLineBytes
        self.maximumEventBytes = maximumEventBytes
    }

    /// - Returns: the events that these bytes complete.
    mutating func decode(_ bytes: some Sequence<UInt8>) throws(ServerSentEventError) -> [ServerSentEvent] {
        var events: [ServerSentEvent] = []
        for byte in bytes {
            switch byte {
            case Self.lineFeed where endedWithCarriageReturn:
                endedWithCarriageReturn = false
            case Self.lineFeed, Self.carriageReturn:
                endedWithCarriageReturn = byte == Self.carriageReturn
                if let event = try endLine() { events.append(event) }
            default:
                endedWithCarriageReturn = false
                guard line.count < maximumLineBytes else { throw .lineTooLong(limit: maximumLineBytes) }
                line.append(byte)
            }
        }
        return events
    }

    private mutating func endLine() throws(ServerSentEventError) -> ServerSentEvent? {
        defer { line.removeAll(keepingCapacity: true) }
        if isFirstLine {
            isFirstLine = false
            if line.starts(with: Self.byteOrderMark) { line.removeFirst(Self.byteOrderMark.count) }
        }
        guard !line.isEmpty else { return endEvent() }
        let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
        var value = line[min(colon + 1, line.endIndex)...]
        if value.first == UInt8(ascii: " ") { value.removeFirst() }
        if line[..<colon].elementsEqual("data".utf8) {
            try append(value)
        } else if line[..<colon].elementsEqual("event".utf8) {
            name = String(decoding: value, as: UTF8.self)
        }
        return nil
    }

    private mutating func append(_ value: ArraySlice<UInt8>) throws(ServerSentEventError) {
        guard (data?.count ?? 0) + value.count < maximumEventBytes else {
            throw .eventTooLong(limit: maximumEventBytes)
        }
        if data == nil {
            data = Array(value)
        } else {
            data?.append(Self.lineFeed)
            data?.append(contentsOf: value)
        }
    }

    private mutating func endEvent() -> ServerSentEvent? {
        defer {
            name = nil
            data = nil
        }
        return data.map { ServerSentEvent(name: name, data: $0) }
    }

    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
}
