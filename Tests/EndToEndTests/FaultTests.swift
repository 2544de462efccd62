internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

/// What clients see while something that the server stands on is away, and what is true afterwards.
@Suite("Faults under load")
struct FaultTests {
    @Test("Postgres frozen for 10 s, then crashed and away for 10 s, gives 503 with Retry-After and loses no promise")
    func postgres() async throws {
        try await PrivatePostgres.running { postgres in
            try await Program.deployed { program in
                let allowed = ["database_unavailable", "answer not stored", "run_interrupted", "answer_not_stored"]
                try await program.serving(allowing: allowed) { server in
                    let writers = try await Writers(server)
                    async let working: Void = writers.work()
                    try await writers.waitForSuccesses(50)

                    postgres.freeze()
                    try await Task.sleep(for: .seconds(10))
                    postgres.thaw()
                    try await expectFullPool(program, within: .seconds(5))
                    #expect(writers.refusals > 0, "somebody was refused while Postgres was frozen")
                    try await writers.waitForSuccesses(50)

                    let before = writers.refusals
                    postgres.crash()
                    try await Task.sleep(for: .seconds(10))
                    #expect(try await APIClient(server).get("/ready").status == 503)
                    #expect(try await APIClient(server).get("/health").status == 200)
                    try postgres.start()
                    try await expectFullPool(program, within: .seconds(5))
                    #expect(writers.refusals > before, "somebody was refused while Postgres was away")
                    try await writers.waitForSuccesses(50)
                    #expect(try await APIClient(server).get("/ready").json?["status"] == "ready")

                    writers.stop()
                    await working
                    #expect(writers.surprises == [])
                    try await writers.expectPromisesKept(in: program.database.administrator)
                }
            }
        }
    }

    /// Under load the pool, or the pooler behind it, has all its connections again, and never more.
    private func expectFullPool(_ program: Program, within deadline: Duration) async throws {
        try await poll("the pool has all its connections", within: deadline) { () -> Void? in
            // The administrator's own connection may be the first to find that Postgres is not there yet.
            guard let counts = try? await program.database.administrator.query(CountConnections()).first else {
                return nil
            }
            // TestDatabase's own pools of these roles have no connection in this test.
            let size = TestServer.isPooled ? PrivatePostgres.poolerSize : 8
            #expect(counts.app <= size && counts.worker <= 3)
            return counts.app == size ? () : nil
        }
    }

    @Test("Redis killed makes /ready 200 degraded and holds up no request; back again, it is ready")
    func redis() async throws {
        let redis = try TestRedisServer()
        try await Program.deployed(["REDIS_URL": "redis://127.0.0.1:\(redis.port)"]) { program in
            try await program.serving { server in
                let anybody = APIClient(server)
                let client = TestOrganization(server).admin
                _ = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
                func state() async throws -> [String?] {
                    let ready = try await anybody.get("/ready")
                    #expect(ready.status == 200)
                    let dependencies = ready.json?["dependencies"]?.array ?? []
                    return [ready.json?["status"]?.string]
                        + dependencies.filter { $0["name"] == "redis" }.map { $0["state"]?.string }
                }
                try await poll("ready") { try await state() == ["ready", "ok"] ? () : nil }
                redis.kill()
                try await poll("degraded") { try await state() == ["degraded", "down"] ? () : nil }
                for _ in 0..<20 {
                    let response = try await client.get("/api/v2/agents")
                    #expect(response.status == 200 && response.header("RateLimit") != nil)
                }
                #expect(try await anybody.get("/metrics").text.contains("rate_limit_fallbacks_total"))
                try redis.start()
                try await poll("ready again") { try await state() == ["ready", "ok"] ? () : nil }
                #expect(try await client.get("/api/v2/agents").status == 200)
            }
        }
    }

    @Test("SIGTERM with 200 streams open: answers finish, dashboards are sent back, new requests refused, exit code 0")
    func terminated() async throws {
        // An answer of 95 words takes half a minute: on a busy machine it takes as long to open all.
        let settings = [
            "LOCAL_PROVIDER_PACE_MS": "300", "SHUTDOWN_GRACE_SECONDS": "60", "LIVE_STREAMS_USER": "200",
        ]
        try await Program.deployed(settings) { program in
            try await program.serving(allowing: ["draining"]) { server in
                let client = TestOrganization(server).admin
                let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
                let (begun, signal) = AsyncStream.makeStream(of: Void.self)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    var open = begun.makeAsyncIterator()
                    for count in 1...100 {
                        group.addTask {
                            // Where one fails, nobody waits for it.
                            defer { signal.finish() }
                            let chat = try await client.openChat(agentID, .manyWords)
                            signal.yield()
                            let frames = try await chat.frames(until: "done")
                            let words = frames.compactMap(\.json).filter { $0["event"] == "answer" }
                            let text = words.compactMap { $0["data"]?.string }.joined()
                            #expect(text.contains("palavra 39"))
                        }
                        group.addTask {
                            defer { signal.finish() }
                            let last = try await client.events("/api/v2/events/dashboard") { reader in
                                var last = try await reader.next()
                                signal.yield()
                                while let frame = try await reader.next() { last = frame }
                                return last
                            }
                            let line = last?.lines.last ?? ""
                            #expect(line.hasPrefix("retry: "), "\(line)")
                        }
                        // A few at a time: that the pool's queue is not overrun is not what is tested.
                        for _ in 0..<(count.isMultiple(of: 5) ? 10 : 0) where await open.next() == nil {
                            Issue.record("a stream ended before all \(2 * count) were open")
                        }
                    }

                    server.terminate()
                    let refused = try await poll("new requests are refused") {
                        let response = try await client.get("/api/v2/agents")
                        return response.status == 200 ? nil : response
                    }
                    #expect(refused.status == 503 && refused.errorCode == "draining", "\(refused)")
                    #expect(refused.header("Retry-After") != nil)
                    let dashboard = try await client.open(.GET, "/api/v2/events/dashboard")
                    let text = String(buffer: try await dashboard.body.collect(upTo: 1 << 10))
                    #expect(dashboard.status == .ok, "\(text)")
                    let refusal = /^data: [^\n]*"connection_refused"[^\n]*"draining"[^\n]*\n\nretry: [0-9]+\n\n$/
                    #expect(text.contains(refusal), "\(text)")
                    #expect(try await APIClient(server).get("/health").status == 200)
                    let ready = try await APIClient(server).get("/ready")
                    #expect(ready.status == 503 && ready.json?["status"] == "draining")
                    try await group.waitForAll()
                }
                await server.waitUntilEnded()
            }
        }
    }
}

private struct CountConnections: Statement {
    static let sql = """
        SELECT
            count(*) FILTER (WHERE usename = 'agentes_app'), count(*) FILTER (WHERE usename = 'agentes_worker')
        FROM pg_stat_activity WHERE datname = current_database()
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> (app: Int, worker: Int) {
        (try row.read(), try row.read())
    }
}
