internal import Primitives
internal import Redis
internal import Testing

@testable internal import Tenancy

@Suite("The limits' arithmetic, in one process")
struct RateLimitTests {
    private let start = ContinuousClock.now
    private let key = RedisKey(tag: "t", "a")
    /// One a second, three at once.
    private let limit = RateLimit("tenant", quota: 60, per: .seconds(60), burst: 3)

    @Test("A burst is admitted, then one each interval; a refusal says when")
    func burst() throws {
        var limits = LocalRateLimits(capacity: 10)
        for remaining in [2, 1, 0] {
            let decision = limits.admit([(key, limit)], now: start)
            #expect(decision.isAdmitted)
            #expect(decision.standings[0].remaining == remaining)
            #expect(decision.standings[0].reset == .seconds(3 - remaining))
            #expect(decision.retryAfter == nil)
        }
        let refused = limits.admit([(key, limit)], now: start + .milliseconds(400))
        #expect(!refused.isAdmitted)
        #expect(refused.standings[0].isExceeded)
        #expect(refused.retryAfter == .milliseconds(600))
        #expect(!limits.admit([(key, limit)], now: start + .milliseconds(999)).isAdmitted)
        #expect(limits.admit([(key, limit)], now: start + .seconds(1)).isAdmitted)
        #expect(!limits.admit([(key, limit)], now: start + .seconds(1)).isAdmitted)
        // After a long rest the burst is there again, and no more.
        let later = start + .seconds(1000)
        let admitted = (0..<10).count { _ in limits.admit([(key, limit)], now: later).isAdmitted }
        #expect(admitted == 3)
    }

    @Test("Over a long time the quota is kept to, however often is asked")
    func quota() {
        var limits = LocalRateLimits(capacity: 10)
        let admitted = (0..<100_000).count { limits.admit([(key, limit)], now: start + .milliseconds($0)).isAdmitted }
        #expect(admitted == 3 + 99)
    }

    @Test("A request that one limit refuses is not counted by the others")
    func allOrNothing() throws {
        var limits = LocalRateLimits(capacity: 10)
        let wide = RateLimit("tenant", quota: 1000, per: .seconds(1000))
        let user = RedisKey(tag: "t", "user")
        for _ in 0..<10 { _ = limits.admit([(key, wide), (user, limit)], now: start) }
        let refused = limits.admit([(key, wide), (user, limit)], now: start)
        #expect(refused.standings.map(\.remaining) == [997, 0])
        #expect(refused.standings.map(\.isExceeded) == [false, true])
        #expect(refused.standings.tightest?.limit == limit)
        #expect(refused.retryAfter == .seconds(1))
        let other = limits.admit([(key, wide), (RedisKey(tag: "t", "other"), limit)], now: start)
        #expect(other.standings.map(\.remaining) == [996, 2])
        #expect(other.standings.tightest?.limit == limit)
    }

    @Test("The subjects that are remembered are bounded, and idle ones go first")
    func bound() {
        var limits = LocalRateLimits(capacity: 100)
        for number in 0..<1000 {
            _ = limits.admit([(RedisKey(tag: "ip", "\(number)"), limit)], now: start)
            #expect(limits.count <= 100)
        }
        limits = LocalRateLimits(capacity: 100)
        for number in 0..<99 { _ = limits.admit([(RedisKey(tag: "ip", "\(number)"), limit)], now: start) }
        let later = start + .seconds(2)
        for _ in 0..<3 { _ = limits.admit([(key, limit)], now: later) }
        _ = limits.admit([(RedisKey(tag: "ip", "new"), limit)], now: later)
        #expect(limits.count == 2)
        #expect(!limits.admit([(key, limit)], now: later).isAdmitted)
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
}
