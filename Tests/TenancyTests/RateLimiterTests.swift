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

    /// By its user, who is one among many.
    private func admit(_ limiter: RateLimiter, _ tenant: TenantID, _ user: Int = .random(in: 0..<1_000_000_000)) async
        -> RateLimitDecision
    {
        await limiter.admit(.read, tenant: tenant, by: .user("user_\(user)"))
    }

    private func limiter(_ client: RedisClient) -> RateLimiter {
        RateLimiter(redis: client, policies: policies, timeout: .seconds(10))
    }

    private func countAdmitted(
        of attempts: Int,
        _ admit: @escaping @Sendable (Int) async -> Bool
    ) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for attempt in 0..<attempts { group.addTask { await admit(attempt) } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    @Test("Of many requests at once through several processes exactly the quota is admitted")
    func exactCount() async throws {
        try await TestRedis.withClient { client in
            let limiters = [limiter(client), limiter(client), limiter(client)]
            let tenant = TenantID.next()
            #expect(await countAdmitted(of: 600) { await admit(limiters[$0 % 3], tenant).isAdmitted } == 100)
            let refused = await admit(limiters[0], tenant)
            let standing = try #require(refused.standings.tightest)
            #expect(standing.isExceeded && standing.remaining == 0 && standing.limit.name == "tenant")
            let retryAfter = try #require(refused.retryAfter)
            #expect((.seconds(300)...(.seconds(360))).contains(retryAfter))
            #expect((.seconds(35_000)...(.seconds(36_000))).contains(standing.reset))
            #expect(await admit(limiters[0], .next()).isAdmitted)
            #expect(!limiters[0].isDegraded)
        }
    }

    @Test("A user's limit refuses without using up the tenant's")
    func userAndTenant() async throws {
        try await TestRedis.withClient { client in
            let limiter = limiter(client)
            let tenant = TenantID.next()
            #expect(await countAdmitted(of: 90) { _ in await admit(limiter, tenant, 0).isAdmitted } == 30)
            let other = await limiter.admit(.read, tenant: tenant, by: .key("k", quota: 12))
            #expect(other.standings.map(\.limit.name) == ["tenant", "key"])
            #expect(other.standings.map(\.remaining) == [69, 11])
            #expect(await countAdmitted(of: 500) { await admit(limiter, tenant, 1 + $0).isAdmitted } == 69)
        }
    }

    @Test("Asked at once, who is refused as a user counts by address, and who is refused by address as nobody else")
    func together() async throws {
        let server = try TestRedisServer()
        let configuration = try TestRedis.configuration(url: "redis://127.0.0.1:\(server.port)")
        try await TestRedis.withClient(configuration) { client in
            let limiter = limiter(client)
            let (tenant, address) = (TenantID.next(), try #require(ClientAddress("192.0.2.1")))
            @Sendable func admit(_ user: String, _ tenant: TenantID = tenant) async -> RateLimitDecision {
                await limiter.admit(.read, tenant: tenant, by: .user(user), from: address)
            }
            #expect(await countAdmitted(of: 40) { _ in await admit("ana").isAdmitted } == 30)
            let other = await admit("bia")
            #expect(other.standings.map(\.limit.name) == ["address", "failed-authentication", "tenant", "user"])
            #expect(other.standings.map(\.remaining) == [59, 30, 69, 29])
            // Of other tenants, until the address is at its limit: that one is told, and the tenant is spared.
            #expect(await countAdmitted(of: 90) { await admit("\($0)", .next()).isAdmitted } == 59)
            let refused = await admit("bia")
            #expect(refused.standings.tightest?.limit.name == "address")
            #expect(refused.standings.map(\.remaining) == [0, 30, 69, 29])
            // Who guesses from there is locked out with everybody.
            for _ in 0..<30 { _ = await limiter.countFailedAuthentication(from: address) }
            #expect(await admit("bia").standings.filter(\.isExceeded).count == 2)
            #expect(!limiter.isDegraded)
        }
    }

    @Test("Each class of routes has a limit of its own: reads do not use up chats")
    func classes() async throws {
        try await TestRedis.withClient { client in
            let limiter = limiter(client)
            let tenant = TenantID.next()
            for (routeClass, quota) in [(RouteClass.read, 100), (.write, 50), (.chat, 20), (.upload, 10)] {
                let admitted = await countAdmitted(of: 150) {
                    await limiter.admit(routeClass, tenant: tenant, by: .user("\($0)")).isAdmitted
                }
                #expect(admitted == quota)
            }
            let refused = await limiter.admit(.chat, tenant: tenant, by: .user("x"))
            #expect(refused.standings.map(\.limit.name) == ["tenant-chat", "user-chat"])
        }
    }

    @Test("A plan's figures stand before the installation's")
    func plans() async throws {
        try await TestRedis.withClient { client in
            let limiter = limiter(client)
            let tenant = TenantID.next()
            var limits = PlanLimits()
            limits.requests[.chat] = PlanLimits.Requests(tenant: 7, user: 4)
            func count(_ routeClass: RouteClass, _ user: String? = nil) async -> Int {
                await countAdmitted(of: 60) { [limits] in
                    await limiter.admit(routeClass, tenant: tenant, by: .user(user ?? "\($0)"), limits: limits)
                        .isAdmitted
                }
            }
            #expect(await count(.chat, "a") == 4)
            #expect(await count(.chat) == 3)
            #expect(await count(.write) == 50)
        }
    }

    @Test("Wrong credentials are counted by their address, and beyond their limit nothing from there goes on")
    func failedAuthentication() async throws {
        let server = try TestRedisServer()
        let configuration = try TestRedis.configuration(url: "redis://127.0.0.1:\(server.port)")
        try await TestRedis.withClient(configuration) { client in
            let limiter = limiter(client)
            let (attacker, other) = try (#require(ClientAddress("192.0.2.1")), #require(ClientAddress("192.0.2.2")))
            // Guesses at once are all let in; no more than the limit are answered.
            #expect(await countAdmitted(of: 50) { _ in await limiter.admit(address: attacker).isAdmitted } == 50)
            #expect(
                await countAdmitted(of: 50) { _ in
                    await limiter.countFailedAuthentication(from: attacker).isAdmitted
                } == 30
            )
            let refused = await limiter.admit(address: attacker)
            #expect(!refused.isAdmitted && refused.standings.tightest?.limit.name == "failed-authentication")
            #expect(refused.standings[0].remaining == 50, "a refused request is not counted")
            #expect(await limiter.admit(address: other).isAdmitted)
        }
    }

    @Test("Addresses of one IPv6 network share a limit, others do not")
    func addresses() async throws {
        let server = try TestRedisServer()
        let configuration = try TestRedis.configuration(url: "redis://127.0.0.1:\(server.port)")
        try await TestRedis.withClient(configuration) { client in
            let limiter = limiter(client)
            let network = try (0..<150).map { try #require(ClientAddress("2001:db8::\(String($0, radix: 16))")) }
            let admitted = await countAdmitted(of: 150) { await limiter.admit(address: network[$0]).isAdmitted }
            #expect(admitted == 100)
            for text in ["2001:db8:0:1::1", "192.0.2.1"] {
                let other = try #require(ClientAddress(text))
                #expect(await limiter.admit(address: other).isAdmitted)
            }
        }
    }

    @Test("A flushed Redis gives one burst more; without Redis each process goes on from what it knows")
    func flushAndFallback() async throws {
        let server = try TestRedisServer()
        let configuration = try TestRedis.configuration(url: "redis://127.0.0.1:\(server.port)")
        try await TestRedis.withClient(configuration) { client in
            let (limiter, stranger) = (limiter(client), limiter(client))
            let tenant = TenantID.next()
            func count(_ limiter: RateLimiter) async -> Int {
                await countAdmitted(of: 300) { _ in await admit(limiter, tenant).isAdmitted }
            }
            #expect(await count(limiter) == 100)
            _ = try await client.send(RedisCommand("FLUSHALL"))
            #expect(await count(limiter) == 100)
            server.kill()
            try await client.waitUntil { $0 != .connected }
            #expect(await count(limiter) == 0)
            #expect(await count(stranger) == 100)
            #expect(limiter.isDegraded && stranger.isDegraded)
            try server.start()
            try await client.waitUntil { $0 == .connected }
            #expect(await admit(limiter, tenant).isAdmitted)
            #expect(!limiter.isDegraded)
        }
    }

    @Test("A Redis that hangs costs those under way its time-out, and afterwards one request a second")
    func hangingRedis() async throws {
        let server = try TestRedisServer()
        let configuration = try TestRedis.configuration(url: "redis://127.0.0.1:\(server.port)")
        try await TestRedis.withClient(configuration) { client in
            let limiter = RateLimiter(redis: client, policies: policies, timeout: .milliseconds(250))
            let tenant = TenantID.next()
            let sleep = Task { try await client.send(RedisCommand("DEBUG", ["SLEEP", "3"]), timeout: .seconds(20)) }
            // Answered until Redis sleeps.
            while (try? await client.send(RedisCommand("PING"), timeout: .milliseconds(20))) != nil {}
            #expect(await countAdmitted(of: 300) { _ in await admit(limiter, tenant).isAdmitted } == 100)
            #expect(limiter.isDegraded)
            // One after the other: each would wait for the time-out if it asked.
            let start = ContinuousClock.now
            for _ in 0..<100 { _ = await admit(limiter, tenant) }
            #expect(start.duration(to: .now) < .seconds(5))
            _ = try await sleep.value
            // The next one that asks finds it there again.
            while limiter.isDegraded { _ = await admit(limiter, tenant) }
        }
    }
}
