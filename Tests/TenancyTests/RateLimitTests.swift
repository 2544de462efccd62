internal import Primitives
internal import Redis
internal import Testing

@testable internal import Tenancy

@Suite("The limits' arithmetic, in one process")
struct RateLimitTests {
    private let start = ContinuousClock.now
    /// One a second, three at once.
    private let limit = RateLimit("tenant", quota: 60, per: .seconds(60), burst: 3)

    private func subject(_ name: String = "a", _ limit: RateLimit? = nil) -> RateLimitSubject {
        RateLimitSubject(key: RedisKey(tag: "t", name), limit: limit ?? self.limit)
    }

    @Test("A burst is admitted, then one each interval; a refusal says when")
    func burst() throws {
        var limits = LocalRateLimits(capacity: 10)
        for remaining in [2, 1, 0] {
            let decision = limits.admit([subject()], now: start)
            #expect(decision.isAdmitted)
            #expect(decision.standings[0].remaining == remaining)
            #expect(decision.standings[0].reset == .seconds(3 - remaining))
            #expect(decision.retryAfter == nil)
        }
        let refused = limits.admit([subject()], now: start + .milliseconds(400))
        #expect(!refused.isAdmitted)
        #expect(refused.standings[0].isExceeded)
        #expect(refused.retryAfter == .milliseconds(600))
        #expect(!limits.admit([subject()], now: start + .milliseconds(999)).isAdmitted)
        #expect(limits.admit([subject()], now: start + .seconds(1)).isAdmitted)
        #expect(!limits.admit([subject()], now: start + .seconds(1)).isAdmitted)
        // After a long rest the burst is there again, and no more.
        let later = start + .seconds(1000)
        let admitted = (0..<10).count { _ in limits.admit([subject()], now: later).isAdmitted }
        #expect(admitted == 3)
    }

    @Test("Over a long time the quota is kept to, however often is asked")
    func quota() {
        var limits = LocalRateLimits(capacity: 10)
        let admitted = (0..<100_000).count { limits.admit([subject()], now: start + .milliseconds($0)).isAdmitted }
        #expect(admitted == 3 + 99)
    }

    @Test("A request that one limit refuses is not counted by the others")
    func allOrNothing() throws {
        var limits = LocalRateLimits(capacity: 10)
        let wide = RateLimit("tenant", quota: 1000, per: .seconds(1000))
        for _ in 0..<10 { _ = limits.admit([subject("a", wide), subject("user")], now: start) }
        let refused = limits.admit([subject("a", wide), subject("user")], now: start)
        #expect(refused.standings.map(\.remaining) == [997, 0])
        #expect(refused.standings.map(\.isExceeded) == [false, true])
        #expect(refused.standings.tightest?.limit == limit)
        #expect(refused.retryAfter == .seconds(1))
        let other = limits.admit([subject("a", wide), subject("other")], now: start)
        #expect(other.standings.map(\.remaining) == [996, 2])
        #expect(other.standings.tightest?.limit == limit)
    }

    @Test("Of two stages the first counts although the second refuses, and the second does not where the first refuses")
    func stages() {
        var limits = LocalRateLimits(capacity: 10)
        let wide = RateLimit("address", quota: 5, per: .seconds(5000))
        var tenant = subject("tenant")
        tenant.stage = 1
        let both = [subject("address", wide), tenant]
        for _ in 0..<3 { #expect(limits.admit(both, now: start).isAdmitted) }
        let second = limits.admit(both, now: start)
        #expect(!second.isAdmitted && second.refusing == tenant.key)
        #expect(second.standings.map(\.remaining) == [1, 0] && second.standings.map(\.isExceeded) == [false, true])
        // It takes the last of the first, which is not why it is refused.
        let last = limits.admit(both, now: start)
        #expect(last.standings.map(\.remaining) == [0, 0] && last.standings.map(\.isExceeded) == [false, true])
        let first = limits.admit(both, now: start + .seconds(1))
        #expect(!first.isAdmitted && first.refusing == both[0].key && first.standings.map(\.remaining) == [0, 1])
        #expect(limits.admit([tenant], now: start + .seconds(1)).isAdmitted)
    }

    @Test("A quota that does not divide its window is rounded so that it is never exceeded")
    func rounding() {
        let odd = RateLimit("tenant", quota: 7, per: .seconds(60), burst: 1)
        var limits = LocalRateLimits(capacity: 10)
        let hour = 3600 * 1000
        let admitted = stride(from: 0, to: hour, by: 100).count {
            limits.admit([subject("a", odd)], now: start + .milliseconds($0)).isAdmitted
        }
        #expect((415...420).contains(admitted))
        #expect(odd.interval * 7 >= 60_000_000)
    }

    @Test("A limit that is only looked at refuses, and counts nothing")
    func looking() {
        var limits = LocalRateLimits(capacity: 10)
        var looked = subject("failures")
        looked.isCounted = false
        let free = (0..<10).count { _ in limits.admit([looked], now: start).isAdmitted }
        let counted = (0..<10).count { _ in limits.admit([subject("failures")], now: start).isAdmitted }
        let full = [0, 999, 1000].map { limits.admit([looked], now: start + .milliseconds($0)).isAdmitted }
        #expect(free == 10 && counted == 3 && full == [false, false, true])
    }

    @Test("What Redis decided is where the process goes on from")
    func following() {
        var limits = LocalRateLimits(capacity: 10)
        let told = RateLimitDecision([subject()], backlogs: [2_500_000], refusedStage: nil)
        limits.follow(told, of: [subject()], now: start)
        let admitted = [0, 499, 500].map { limits.admit([subject()], now: start + .milliseconds($0)).isAdmitted }
        #expect(admitted == [false, false, true])
    }

    @Test("A decision that comes after a later one takes nothing back, and the idle are not remembered")
    func overtaken() {
        var limits = LocalRateLimits(capacity: 10)
        for backlog: Int64 in [3_000_000, 2_000_000, 0] {
            let told = RateLimitDecision([subject()], backlogs: [backlog], refusedStage: nil)
            limits.follow(told, of: [subject()], now: start)
        }
        #expect(!limits.admit([subject()], now: start).isAdmitted)
        let idle = [subject("idle")]
        limits.follow(RateLimitDecision(idle, backlogs: [0], refusedStage: nil), of: idle, now: start)
        #expect(limits.count == 1)
    }

    @Test("The subjects that are remembered are bounded, and idle ones go first")
    func bound() {
        var limits = LocalRateLimits(capacity: 100)
        for number in 0..<1000 {
            _ = limits.admit([subject("\(number)")], now: start)
            #expect(limits.count <= 100)
        }
        limits = LocalRateLimits(capacity: 100)
        for number in 0..<99 { _ = limits.admit([subject("\(number)")], now: start) }
        let later = start + .seconds(2)
        for _ in 0..<3 { _ = limits.admit([subject()], now: later) }
        _ = limits.admit([subject("new")], now: later)
        #expect(limits.count == 2)
        #expect(!limits.admit([subject()], now: later).isAdmitted)
    }

    @Test(
        "IPv4 addresses count each for themselves, IPv6 ones by their network of /64",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::", "2001:db8:1:2::/64"), ("2001:DB8:1:3::1", "2001:db8:1:3::/64"), ("::1", "0:0:0:0::/64"),
            ("fe80::1%eth0", "fe80:0:0:0::/64"),
        ]
    )
    func address(text: String, prefix: String) {
        #expect(ClientAddress(text)?.prefix == prefix)
    }

    @Test(
        "What is no address is refused",
        arguments: ["", "localhost", "1.2.3", "1.2.3.4:80", "01.2.3.4", "[::1]", "1.2.3.4, 5.6.7.8", "2001:db8::1::2"]
    )
    func malformedAddress(text: String) {
        #expect(ClientAddress(text) == nil)
    }

    @Test(
        "Addresses in X-Forwarded-For may have ports, and brackets around IPv6",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("192.0.2.1:8080", "192.0.2.1"), ("[192.0.2.1]:80", "192.0.2.1"),
            ("2001:db8:1:2::9", "2001:db8:1:2::/64"), ("[2001:db8:1:2::9]", "2001:db8:1:2::/64"),
            ("[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"), ("[::ffff:192.0.2.1]:443", "192.0.2.1"),
            ("::1", "0:0:0:0::/64"),
        ]
    )
    func forwarded(text: String, prefix: String) {
        #expect(ClientAddress(forwarded: text)?.prefix == prefix)
    }

    @Test(
        "What proxies do not write is refused",
        arguments: [
            "", "unknown", "_hidden", "192.0.2.1:", "192.0.2.1:x", "192.0.2.1:99999", "192.0.2.1:+1:2", "[::1", "[]",
            "[::1]443", "[::1]:", "[[::1]]", "for=192.0.2.1", "\"192.0.2.1\"", "192.0.2.1 192.0.2.2", ":80",
        ]
    )
    func malformedForwarded(text: String) {
        #expect(ClientAddress(forwarded: text) == nil)
    }
}
