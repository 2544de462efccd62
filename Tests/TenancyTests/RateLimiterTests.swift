internal import Logging
internal import Primitives
internal import Redis
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite("The limiter with a real Redis")
struct RateLimiterTests {
    /// Nothing comes back within a test.
    private let policies: RateLimitPolicies = {
        var policies = RateLimitPolicies()
        policies.address = RateLimit("address", quota: 100, per: .seconds(36_000))
        policies.tenant = RateLimit("tenant", quota: 100, per: .seconds(36_000))
        policies.user = RateLimit("user", quota: 30, per: .seconds(36_000))
        return policies
    }()

    private func limiter(_ client: RedisClient) -> RateLimiter {
        RateLimiter(redis: client, policies: policies, timeout: .seconds(10))
    }

    private func countAdmitted(
        of attempts: Int,
        _ admit: @escaping @Sendable (Int) async -> RateLimitDecision
    ) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for attempt in 0..<attempts { group.addTask { await admit(attempt).isAdmitted } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    @Test("Of many requests at once through several processes exactly the quota is admitted")
    func exactCount() async throws {
        try await TestRedis.withClient { client in
            let limiters = [limiter(client), limiter(client), limiter(client)]
            let tenant = TenantID.next()
            #expect(await countAdmitted(of: 600) { await limiters[$0 % 3].admit(tenant: tenant) } == 100)
            let refused = await limiters[0].admit(tenant: tenant)
            let standing = try #require(refused.standings.tightest)
            #expect(standing.isExceeded && standing.remaining == 0 && standing.limit.name == "tenant")
            let retryAfter = try #require(refused.retryAfter)
            #expect((.seconds(300)...(.seconds(360))).contains(retryAfter))
            #expect((.seconds(35_000)...(.seconds(36_000))).contains(standing.reset))
            #expect(await limiters[0].admit(tenant: TenantID.next()).isAdmitted)
            #expect(!limiters[0].isDegraded)
        }
    }

    @Test("A user's limit refuses without using up the tenant's")
    func userAndTenant() async throws {
        try await TestRedis.withClient { client in
            let limiter = limiter(client)
            let tenant = TenantID.next()
            #expect(await countAdmitted(of: 90) { _ in await limiter.admit(tenant: tenant, user: "a") } == 30)
            let other = await limiter.admit(tenant: tenant, user: "b", key: "k")
            #expect(other.standings.map(\.limit.name) == ["tenant", "user", "key"])
            #expect(other.standings.map(\.remaining) == [69, 29, 599])
            #expect(await countAdmitted(of: 500) { await limiter.admit(tenant: tenant, user: "c\($0)") } == 69)
        }
    }

    @Test("Addresses of one IPv6 network share a limit, others do not")
    func addresses() async throws {
        let server = try TestRedisServer()
        let configuration = try TestRedis.configuration(url: "redis://127.0.0.1:\(server.port)")
        try await TestRedis.withClient(configuration) { client in
            let limiter = limiter(client)
            let network = try (0..<150).map { try #require(ClientAddress("2001:db8::\(String($0, radix: 16))")) }
            let admitted = await countAdmitted(of: 150) { await limiter.admit(address: network[$0]) }
            #expect(admitted == 100)
            for text in ["2001:db8:0:1::1", "192.0.2.1"] {
                let other = try #require(ClientAddress(text))
                #expect(await limiter.admit(address: other).isAdmitted)
            }
        }
    }

    @Test("A flushed Redis gives one burst more, a stopped one another, counted in the process")
    func flushAndFallback() async throws {
        let server = try TestRedisServer()
        let configuration = try TestRedis.configuration(url: "redis://127.0.0.1:\(server.port)")
        try await TestRedis.withClient(configuration) { client in
            let limiter = limiter(client)
            let tenant = TenantID.next()
            #expect(await countAdmitted(of: 300) { _ in await limiter.admit(tenant: tenant) } == 100)
            _ = try await client.send(RedisCommand("FLUSHALL"))
            #expect(await countAdmitted(of: 300) { _ in await limiter.admit(tenant: tenant) } == 100)
            server.kill()
            try await client.waitUntil { $0 != .connected }
            #expect(await countAdmitted(of: 300) { _ in await limiter.admit(tenant: tenant) } == 100)
            #expect(limiter.isDegraded)
            try server.start()
            try await client.waitUntil { $0 == .connected }
            #expect(await limiter.admit(tenant: tenant).isAdmitted)
            #expect(!limiter.isDegraded)
        }
    }

    @Test("A slow Redis does not hold requests up: they are counted in the process")
    func slowRedis() async throws {
        let server = try TestRedisServer()
        let configuration = try TestRedis.configuration(url: "redis://127.0.0.1:\(server.port)")
        try await TestRedis.withClient(configuration) { client in
            let limiter = RateLimiter(redis: client, policies: policies, timeout: .milliseconds(50))
            let sleep = Task { try await client.send(RedisCommand("DEBUG", ["SLEEP", "2"]), timeout: .seconds(20)) }
            // Answered until Redis sleeps.
            while (try? await client.send(RedisCommand("PING"), timeout: .milliseconds(20))) != nil {}
            let start = ContinuousClock.now
            let tenant = TenantID.next()
            let admitted = await countAdmitted(of: 300) { _ in await limiter.admit(tenant: tenant) }
            #expect(start.duration(to: .now) < .seconds(1))
            #expect(admitted == 100)
            #expect(limiter.isDegraded)
            _ = try await sleep.value
        }
    }
}
