import Testing

@testable import Postgres

@Suite("Cancel gate")
struct CancelGateTests {
    @Test("A cancel is sent only while its own statement runs, and the connection waits for its return")
    func running() {
        var gate = CancelGate()
        gate.enqueue(1)
        #expect(gate.begin(1) == true)
        #expect(gate.cancel(2) == false)
        #expect(gate.cancel(1) == true)
        #expect(gate.cancel(1) == false, "one cancel at a time")
        #expect(gate.finish() == nil)
        gate.cancelReturned()
        #expect(gate.finish() == true)
        #expect(gate.cancelAgain(1) == false)
        #expect(gate.cancel(1) == false)
    }

    @Test("A statement cancelled before it began is never sent; one that ended is left alone")
    func edges() {
        var gate = CancelGate()
        gate.enqueue(1)
        gate.enqueue(2)
        #expect(gate.cancel(2) == false)
        #expect(gate.begin(1) == true)
        #expect(gate.finish() == false)
        #expect(gate.begin(2) == false)
        #expect(gate.cancel(1) == false)
    }

    @Test("A cancel that overtook its statement is repeated, and never for the next one")
    func again() {
        var gate = CancelGate()
        gate.enqueue(1)
        #expect(gate.begin(1) == true)
        #expect(gate.cancel(1) == true)
        gate.cancelReturned()
        #expect(gate.cancelAgain(1) == true)
        #expect(gate.finish() == nil)
        gate.cancelReturned()
        #expect(gate.finish() == true)
        gate.enqueue(2)
        #expect(gate.begin(2) == true)
        #expect(gate.cancelAgain(1) == false)
        #expect(gate.finish() == false)
    }
}
