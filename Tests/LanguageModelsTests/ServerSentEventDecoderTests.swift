internal import Testing
@testable internal import LanguageModels

@Suite("The event stream decoder")
struct ServerSentEventDecoderTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let bytes: [UInt8]
        let events: [ServerSentEvent]

        init(_ description: String, _ text: String, _ events: [(String?, String)]) {
            self.init(description, Array(text.utf8), events)
        }

        init(_ description: String, _ bytes: [UInt8], _ events: [(String?, String)]) {
            testDescription = description
            self.bytes = bytes
            self.events = events.map { ServerSentEvent(name: $0, data: Array($1.utf8)) }
        }
    }

    static let vectors = [
        Vector("LF", "event: a\ndata: 1\n\ndata: 2\n\n", [("a", "1"), (nil, "2")]),
        Vector("CR", "event: a\rdata: 1\r\rdata: 2\r\r", [("a", "1"), (nil, "2")]),
        Vector("CRLF", "event: a\r\ndata: 1\r\n\r\ndata: 2\r\n\r\n", [("a", "1"), (nil, "2")]),
        Vector("mixed line ends", "data: 1\r\n\ndata: 2\r\r\ndata: 3\n\r\n", [(nil, "1"), (nil, "2"), (nil, "3")]),
        Vector("several data lines", "data: um\ndata:  dois\ndata:três\n\n", [(nil, "um\n dois\ntrês")]),
        Vector("empty data", "data\n\ndata:\n\ndata: \n\n", [(nil, ""), (nil, ""), (nil, "")]),
        Vector("two empty data lines", "data:\ndata\n\n", [(nil, "\n")]),
        Vector("comments and unknown fields", ": ping\n\nid: 7\nretry: 9\nfoo: x\n: c\ndata: 1\n:\n\n", [(nil, "1")]),
        Vector("a name without data is forgotten", "event: a\n\ndata: 1\n\n", [(nil, "1")]),
        Vector("the last name counts", "event: a\nevent: b\ndata: 1\n\n", [("b", "1")]),
        Vector(
            "byte order mark",
            [0xEF, 0xBB, 0xBF] + Array("data: 1\n\ndata: \u{FEFF}2\n\n".utf8),
            [
                (nil, "1"), (nil, "\u{FEFF}2"),
            ]
        ),
        Vector("a byte order mark later is part of the name", "data: 1\n\n\u{FEFF}data: 2\n\n", [(nil, "1")]),
        Vector("characters of two to four bytes", "data: ação, 日本, 👩🏽‍💻\n\n", [(nil, "ação, 日本, 👩🏽‍💻")]),
        Vector("an unfinished last event is dropped", "data: 1\n\ndata: 2\n", [(nil, "1")]),
        Vector("an unfinished last line is dropped", "data: 1\n\ndata: 2", [(nil, "1")]),
        Vector("colons in the value", "data: a:b: c\n\n", [(nil, "a:b: c")]),
    ]

    @Test("reads a stream the same whole, cut in two anywhere, and byte by byte", arguments: vectors)
    func cuts(vector: Vector) throws {
        for offset in 0...vector.bytes.count {
            var decoder = ServerSentEventDecoder()
            var events = try decoder.decode(vector.bytes[..<offset])
            events += try decoder.decode(vector.bytes[offset...])
            #expect(events == vector.events, "cut at \(offset)")
        }
        var decoder = ServerSentEventDecoder()
        #expect(try vector.bytes.flatMap { try decoder.decode(CollectionOfOne($0)) } == vector.events)
    }

    @Test("gives an event as soon as its blank line has begun")
    func promptness() throws {
        var decoder = ServerSentEventDecoder()
        #expect(try decoder.decode("data: 1\r\n\r".utf8).count == 1)
        #expect(try decoder.decode("\n".utf8).isEmpty)
    }

    @Test("refuses a line over its limit, ended or not")
    func lineLimit() throws {
        var decoder = ServerSentEventDecoder(maximumLineBytes: 8)
        #expect(try decoder.decode("data: 12\n\n".utf8).count == 1)
        #expect(throws: ServerSentEventError.lineTooLong(limit: 8)) { try decoder.decode("data: 123".utf8) }
    }

    @Test("refuses an event over its limit")
    func eventLimit() throws {
        var decoder = ServerSentEventDecoder(maximumEventBytes: 8)
        #expect(try decoder.decode("data: 123\ndata: 123\n\n".utf8).count == 1)
        #expect(throws: ServerSentEventError.eventTooLong(limit: 8)) {
            try decoder.decode("data: 1234\ndata: 1234\n\n".utf8)
        }
    }
}
