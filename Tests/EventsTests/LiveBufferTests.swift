internal import Primitives
internal import Testing

@testable import Events

@Suite struct LiveBufferTests {
    @Test("events wait in order and count their bytes until they are taken")
    func keepsInOrder() {
        var buffer = LiveBuffer(capacity: 10_000)
        let events = (1...3).map { event(at: $0, payload: "{}") }
        for event in events { #expect(buffer.offer(event) == .kept) }
        #expect(buffer.size == events.reduce(0) { $0 + $1.size })
        for event in events { #expect(buffer.take() == .event(event)) }
        #expect(buffer.size == 0)
        #expect(buffer.take() == .wait)
        #expect(buffer.isWaiting)
    }

    @Test("an event goes straight to a reader that waits")
    func handsOver() {
        var buffer = LiveBuffer(capacity: 1)
        #expect(buffer.take() == .wait)
        let first = event(at: 1, payload: String(repeating: "x", count: 1000))
        #expect(buffer.offer(first) == .handOver(first))
        #expect(!buffer.isWaiting)
        #expect(buffer.size == 0)
    }

    @Test("only a reader that waits is interrupted, and what comes then is kept until it is back")
    func interrupts() {
        var buffer = LiveBuffer(capacity: 10_000)
        var interruptions = [buffer.interrupt()]
        #expect(buffer.take() == .wait)
        interruptions += [buffer.interrupt(), buffer.interrupt()]
        #expect(interruptions == [false, true, false])
        let event = event(at: 1, payload: "{}")
        #expect(buffer.offer(event) == .kept)
        #expect(buffer.take() == .event(event))
    }

    @Test("a reader that lets the buffer overflow is ended and nothing is kept for it")
    func cutsOff() {
        let one = event(at: 1, payload: "{}")
        var buffer = LiveBuffer(capacity: one.size * 2)
        #expect(buffer.offer(one) == .kept)
        #expect(buffer.offer(event(at: 2, payload: "{}")) == .kept)
        #expect(buffer.offer(event(at: 3, payload: "{}")) == .overflowed)
        #expect(buffer.size == 0)
        #expect(buffer.take() == .ended)
        #expect(buffer.offer(event(at: 4, payload: "{}")) == .refused)
    }

    @Test("one event of any size fits, so that a reader who comes back for it gets on")
    func oneAlwaysFits() {
        var buffer = LiveBuffer(capacity: 10)
        let large = event(at: 1, payload: String(repeating: "x", count: 1_000_000))
        #expect(buffer.offer(large) == .kept)
        #expect(buffer.take() == .event(large))
    }

    private func event(at position: Int, payload: String) -> LiveEvent {
        let id = EventID.next()
        return LiveEvent(
            cursor: EventCursor(position: position, eventID: id),
            id: id,
            type: .toolCalled,
            payload: payload,
            agentID: nil,
            occurredAt: Timestamp(secondsSinceEpoch: 0)
        )
    }
}
