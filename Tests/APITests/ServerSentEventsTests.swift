import NIOCore
import Primitives
import Testing

@testable import API

struct ServerSentEventsTests {
    @Test("Frames are whole lines: an id, one line of data, a blank line")
    func frames() {
        var events = ServerSentEvents()
        events.event(id: "1-a", data: Array("{}".utf8))
        events.event(data: Array("[]".utf8))
        events.cursor("2-b")
        events.retry(.milliseconds(1500))
        events.comment("ping")
        let text = String(buffer: events.buffer)
        #expect(text == "id: 1-a\ndata: {}\n\ndata: []\n\nid: 2-b\n\nretry: 1500\n\n: ping\n\n")
    }

    @Test("No payload can forge a field")
    func forgery() throws {
        for hostile in ["\n\nid: x", "\r\ndata: y", "\r", "\u{2028}", "\u{FEFF}", "\u{0}"] {
            var events = ServerSentEvents()
            events.event(id: "1", data: JSON.string(hostile).encoded)
            let lines = String(buffer: events.buffer).split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 4, "\(hostile.debugDescription)")
            #expect(!String(buffer: events.buffer).contains("\r"))
        }
    }
}
