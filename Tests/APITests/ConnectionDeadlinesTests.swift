import NIOCore
import Testing

@testable import API

@Suite("A connection's deadlines")
struct ConnectionDeadlinesTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000_000)

    private func at(_ seconds: Int64) -> NIODeadline { Self.start + .seconds(seconds) }

    private func seconds(_ deadlines: ConnectionDeadlines) -> Int64? {
        deadlines.deadline.map { ($0 - Self.start).nanoseconds / 1_000_000_000 }
    }

    @Test("Headers have 20 s at first and 75 s after an answer; while an answer is made there is no deadline")
    func keptAlive() {
        var deadlines = ConnectionDeadlines(now: at(0))
        #expect(seconds(deadlines) == 20)
        deadlines.headReceived(now: at(5))
        deadlines.endReceived(now: at(5))
        #expect(seconds(deadlines) == nil)
        deadlines.answered(100, now: at(200))
        #expect(seconds(deadlines) == 275)
        #expect(deadlines.expire(now: at(274)) == nil)
        #expect(deadlines.expire(now: at(275)) == .close)
    }

    @Test("A body has 20 s and a second for every 16 KiB; too slow, it is refused, and the connection ends soon after")
    func body() {
        var deadlines = ConnectionDeadlines(now: at(0))
        deadlines.headReceived(now: at(10))
        #expect(seconds(deadlines) == 30)
        #expect(deadlines.bodyReceived(100, now: at(11)) == true)
        #expect(seconds(deadlines) == 30)
        #expect(deadlines.bodyReceived(10 * 16_384, now: at(12)) == true)
        #expect(seconds(deadlines) == 40)
        #expect(deadlines.expire(now: at(40)) == .refuse(.tooSlow))
        deadlines.answered(300, now: at(41))
        #expect(deadlines.expire(now: at(50)) == .close)
    }

    @Test("When the server ends, a body has 10 s more")
    func quiesced() {
        var deadlines = ConnectionDeadlines(now: at(0))
        deadlines.headReceived(now: at(0))
        deadlines.quiesce(now: at(2))
        #expect(seconds(deadlines) == 12)
        #expect(deadlines.expire(now: at(12)) == .refuse(.tooSlow))
    }

    @Test("A body larger than any may be is refused, however fast it comes")
    func flood() {
        var deadlines = ConnectionDeadlines(now: at(0))
        deadlines.headReceived(now: at(0))
        for _ in 0..<24 { #expect(deadlines.bodyReceived(1 << 20, now: at(1)) == true) }
        #expect(deadlines.bodyReceived(1, now: at(1)) == false)
        #expect(seconds(deadlines) == 11)
    }

    @Test("A request that was answered before its end may end within 10 s and go on, or is cut off")
    func early() {
        var deadlines = ConnectionDeadlines(now: at(0))
        deadlines.headReceived(now: at(0))
        deadlines.answered(100, now: at(1))
        #expect(seconds(deadlines) == 11)
        var patient = deadlines
        patient.endReceived(now: at(3))
        #expect(seconds(patient) == 78)
        #expect(deadlines.expire(now: at(11)) == .close)
    }

    @Test(
        "A client that takes nothing for a minute is cut off, in the middle of an answer too; a large answer has longer"
    )
    func blocked() {
        var deadlines = ConnectionDeadlines(now: at(0))
        deadlines.headReceived(now: at(0))
        deadlines.endReceived(now: at(0))
        deadlines.writabilityChanged(false, now: at(10))
        #expect(seconds(deadlines) == 70)
        deadlines.writabilityChanged(true, now: at(60))
        #expect(seconds(deadlines) == nil)
        deadlines.writabilityChanged(false, now: at(61))
        var finished = deadlines
        #expect(deadlines.expire(now: at(121)) == .close)
        finished.writabilityChanged(true, now: at(62))
        finished.answered(100 * 16_384, now: at(62))
        #expect(seconds(finished) == 237)
    }

    @Test("Requests in one piece are waited for until the last is answered")
    func pipelined() {
        var deadlines = ConnectionDeadlines(now: at(0))
        for _ in 0..<3 {
            deadlines.headReceived(now: at(0))
            deadlines.endReceived(now: at(0))
        }
        deadlines.answered(1, now: at(1))
        deadlines.answered(1, now: at(2))
        #expect(seconds(deadlines) == nil)
        deadlines.answered(1, now: at(3))
        #expect(seconds(deadlines) == 78)
    }
}
