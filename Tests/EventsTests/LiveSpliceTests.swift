internal import Primitives
internal import Testing

@testable import Events

@Suite struct LiveSpliceTests {
    @Test("whatever is published, trimmed, cut or lagging, a reader sees its events once and in order, or a gap first")
    func spliceLosesNothing() throws {
        var total = LiveSpliceModel.Tally()
        for seed in 0..<1_000 as Range<UInt64> {
            var model = LiveSpliceModel(seed: seed)
            for _ in 0..<200 { try model.act() }
            try model.settle()
            total = total + model.tally
        }
        // The script does lead everywhere.
        #expect(total.events > 5_000)
        #expect(total.heartbeats > 200)
        #expect(total.reconnects > 2_000)
        #expect(total.cutOffs > 100)
        #expect(total.pages > 500)
        #expect(total.gaps.values.allSatisfy { $0 > 50 })
        #expect(Set(total.gaps.keys) == [.expired, .unknown, .future])
    }

    @Test("a reader without a cursor begins with what comes next, and is told where it stands")
    func beginsWithTheHead() {
        var splice = LiveSplice(after: nil, filter: EventFilter())
        guard case .attach(after: nil) = splice.step() else { Issue.record("must attach"); return }
        let head = EventCursor(position: 7, mark: 1)
        splice.attached(at: head)
        guard case .deliver(.cursor(head)) = splice.step() else { Issue.record("must say the cursor"); return }
        guard case .receive = splice.step() else { Issue.record("must wait for events"); return }
    }

    @Test("a cursor that was never given leads to a gap, then to the head")
    func unknownCursor() {
        for text in [
            "", "x", "1", "-1-00000000", "1-0000000", "01-00000000", "1-0000000G", "1-00000000-1", "A-00000000",
        ] {
            var splice = LiveSplice(after: text, filter: EventFilter())
            guard case .attach(after: nil) = splice.step() else { Issue.record("must attach: \(text)"); return }
            splice.attached(at: .beginning)
            guard case .deliver(.gap(.unknown)) = splice.step() else { Issue.record("must tell: \(text)"); return }
            guard case .deliver(.cursor(.beginning)) = splice.step() else { Issue.record("must go on"); return }
        }
    }

    @Test("a cursor survives its text, within the characters that need no preflight")
    func cursorText() {
        for position in [0, 1, 0xFFFF, Int.max] {
            let cursor = EventCursor(position: position, eventID: .next())
            #expect(EventCursor(cursor.description) == cursor)
            #expect((1...64).contains(cursor.description.utf8.count))
            #expect(cursor.description.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") })
        }
    }
}
