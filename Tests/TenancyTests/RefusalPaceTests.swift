internal import Redis
internal import Testing

@testable internal import Tenancy

@Suite("The pace of refusals")
struct RefusalPaceTests {
    private let start = ContinuousClock.now

    private func subject(_ name: String = "a") -> RedisKey { RedisKey(tag: "t", name) }

    @Test("The first of a subject goes at once, the others 20 ms after each other; others' have turns of their own")
    func turns() {
        var pace = RefusalPace()
        let first = pace.begin(subject(), now: start)
        #expect(first == nil)
        let pauses = (1...3).map { _ in pace.begin(subject(), now: start) }
        #expect(pauses == [.milliseconds(20), .milliseconds(40), .milliseconds(60)])
        let other = pace.begin(subject("b"), now: start)
        #expect(other == nil)
        // Time gives turns back.
        let later = pace.begin(subject(), now: start + .milliseconds(70))
        let muchLater = pace.begin(subject(), now: start + .seconds(1))
        #expect(later == .milliseconds(10) && muchLater == nil)
    }

    @Test("Those without a turn wait one to two seconds, and not all as long")
    func withoutTurn() {
        var pace = RefusalPace()
        for _ in 0..<100 { _ = pace.begin(subject(), now: start) }
        let pauses = (0..<50).compactMap { _ in pace.begin(subject(), now: start) }
        #expect(pauses.count == 50)
        #expect(pauses.allSatisfy { (.seconds(1)...(.seconds(2))).contains($0) })
        #expect(Set(pauses).count > 10)
    }

    @Test("So many are held at a time, of all subjects, and no more")
    func bound() {
        var pace = RefusalPace()
        let held = (0..<2000).count { pace.begin(subject("\($0 / 2)"), now: start) != nil }
        #expect(held == RefusalPace.maximumHeld)
        for _ in 0..<10 { pace.end() }
        let more = (0..<2000).count { pace.begin(subject("\($0 / 2)"), now: start) != nil }
        #expect(more == 10)
    }
}
