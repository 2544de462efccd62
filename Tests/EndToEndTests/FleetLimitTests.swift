internal import FoundationEssentials
internal import Primitives
internal import Redis
internal import TestSupport
internal import Testing

/// What several servers admit together, with 64 clients, counted against the theory at Redis's own clock.
///
/// An admission without Redis (a `fallback`, which each server counts) is one that the others do not know of: on a machine
/// that is starved for longer than a request waits for Redis, so many may be above the theory.
@Suite(
    "Limits of four servers",
    .serialized,
    .disabled(if: TestServer.isPooled, "64 clients for 40 s ask Redis alone; Postgres says the policy, once in 5 s")
)
struct FleetLimitTests {
    private static let clients = 64
    private static let servers = 4

    @Test("Together they admit what the policy says: never more in any window, and at most 1 % less")
    func exact() async throws {
        try await Self.fleet { fleet in
            let organization = try await fleet.organization(readsPerMinute: 300)
            let interval = Duration.milliseconds(200)
            let crowd = Crowd(organization, count: Self.clients, at: fleet.servers)
            let before = try await fleet.time()
            #expect(try await crowd.clients[0].get("/api/v2/models").status == 200)
            let afterFirst = try await fleet.time()
            let sampling = fleet.sampleTime()
            let answers = try await crowd.ask(for: .seconds(12))
            let (whileAsking, after) = (try await sampling(), try await fleet.time())

            let admitted = answers.admitted.count + 1
            let most = 300 + Int((after - before) / interval) + 1
            let least = 300 + Int((whileAsking - afterFirst) / interval)
            let fallbacks = try await fleet.fallbacks()
            print(
                "limits: \(admitted) of \(answers.count + 1) admitted, \(least)–\(most) in theory, \(fallbacks) fallbacks"
            )
            #expect(answers.count > 2 * most, "the load is above the policy")
            #expect(admitted <= most + fallbacks)
            #expect(Double(admitted) >= 0.99 * Double(least) - Double(fallbacks))
            let excess = answers.excess(over: 300 + fallbacks, interval: interval)
            #expect(excess == nil)
        }
    }

    @Test("Redis flushed in mid-run yields one burst more")
    func flushed() async throws {
        try await Self.fleet { fleet in
            let organization = try await fleet.organization(readsPerMinute: 300)
            let crowd = Crowd(organization, count: Self.clients, at: fleet.servers)
            let before = try await fleet.time()
            let answers = try await crowd.ask(for: .seconds(10)) { admitted in
                if admitted == 305 { try await fleet.flush() }
            }
            let earned = Int((try await fleet.time() - before) / .milliseconds(200)) + 1
            let fallbacks = try await fleet.fallbacks()
            let admitted = answers.admitted.count
            print("limits: \(admitted) admitted with a flush, \(600 + earned) in theory, \(fallbacks) fallbacks")
            #expect(admitted > 300 + earned + fallbacks, "the flush is seen")
            #expect(admitted <= 600 + earned + fallbacks)
        }
    }

    @Test("Without Redis each server keeps to the policy by itself; who had used his burst gets none again")
    func killed() async throws {
        try await Self.fleet { fleet in
            let (known, stranger) = (
                try await fleet.organization(readsPerMinute: 120), try await fleet.organization(readsPerMinute: 120)
            )
            let interval = Duration.milliseconds(500)
            let crowd = Crowd(known, count: Self.clients, at: fleet.servers)
            let start = ContinuousClock.now
            let answers = try await crowd.ask(for: .seconds(8)) { admitted in
                if admitted == 125 { fleet.redis.kill() }
            }
            let earned = Int(start.duration(to: .now) / interval) + 1
            print("limits: \(answers.admitted.count) admitted as Redis is killed, \(120 + earned) with it")
            #expect(answers.admitted.count > 125 && answers.count > 2 * answers.admitted.count)
            #expect(answers.admitted.count <= 120 + Self.servers * (earned + Self.clients))

            let later = ContinuousClock.now
            let others = try await Crowd(stranger, count: Self.clients, at: fleet.servers).ask(for: .seconds(8))
            let most = Self.servers * (120 + Int(later.duration(to: .now) / interval) + 1)
            print("limits: \(others.admitted.count) admitted without Redis, \(most) in theory")
            #expect(others.admitted.count <= most)
            #expect(others.count > others.admitted.count, "somebody is refused")
        }
    }

    private static func fleet(_ body: @escaping @Sendable (Fleet) async throws -> Void) async throws {
        let redis = try TestRedisServer()
        let url = "redis://127.0.0.1:\(redis.port)"
        try await TestRedis.withClient(TestRedis.configuration(url: url)) { client in
            try await Program.deployed(["REDIS_URL": url]) { program in
                try await program.serving(servers) { servers in
                    try await body(Fleet(program: program, servers: servers, redis: redis, client: client))
                }
            }
        }
    }
}

private struct Fleet: Sendable {
    let program: Program
    let servers: [RunningServer]
    let redis: TestRedisServer
    let client: RedisClient

    func organization(readsPerMinute: Int) async throws -> TestOrganization {
        let organization = TestOrganization(servers[0])
        try await organization.agree(#"{"read_per_minute": \#(readsPerMinute)}"#)
        return organization
    }

    /// Since the epoch, by Redis.
    func time() async throws -> Duration {
        let parts = try await client.send(RedisCommand("TIME"), timeout: .seconds(30)).array.map { part in
            Int64(String(decoding: try part.bytes, as: UTF8.self)) ?? 0
        }
        return .seconds(parts[0]) + .microseconds(parts[1])
    }

    /// - Returns: ends it, and gives the last time that was asked before.
    func sampleTime() -> @Sendable () async throws -> Duration {
        let sampling = Task {
            var last = try await time()
            // What was under way when it was ended throws.
            while !Task.isCancelled, let now = try? await time() {
                if !Task.isCancelled { last = now }
                try? await Task.sleep(for: .milliseconds(10))
            }
            return last
        }
        return {
            sampling.cancel()
            return try await sampling.value
        }
    }

    func flush() async throws {
        _ = try await client.send(RedisCommand("FLUSHALL"), timeout: .seconds(30))
    }

    /// Admissions that were decided without Redis.
    func fallbacks() async throws -> Int {
        var count = 0
        for server in servers { count += try await server.rateLimitFallbacks() }
        return count
    }
}

extension RunningServer {
    /// How many requests this server has counted without Redis.
    func rateLimitFallbacks() async throws -> Int {
        let metrics = try await APIClient(self).get("/metrics").text
        let line = metrics.split(separator: "\n").first { $0.hasPrefix("rate_limit_fallbacks_total ") }
        return line?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) } ?? 0
    }
}
