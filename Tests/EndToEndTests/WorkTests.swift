internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

/// Jobs done by processes of their own, beside a server that does none.
@Suite("agentes work")
struct WorkTests {
    @Test("does what a server without workers accepts; killed, another takes over, and told to end, it gives work back")
    func apart() async throws {
        try await Program.deployed { program in
            try await program.serving(["SERVE_JOBS": "false"]) { server in
                let client = TestOrganization(server).admin
                let baseID = try await client.post("/api/v2/knowledge/bases", ["name": "Loja"]).id(201)
                let documents = try await Self.upload(6, to: baseID, client)
                let database = program.database.administrator

                try await program.working { worker in
                    let working = try await Self.waitUntilIndexing(database)
                    #expect(working.allSatisfy { $0.worker.hasSuffix(" \(worker.processIdentifier)") })
                    #expect(working.count <= 2, "so many at a time")
                    try await Self.expectWatchable(worker)
                    worker.kill()
                    await worker.waitUntilEnded()
                    #expect(try await database.query(SelectRunning()).count > 0, "it was killed in the middle")
                }

                try await program.working { worker in
                    // What the first one had is its own once the lease is over, and not before.
                    try await poll("what was lost is done again", within: .seconds(150)) {
                        try await database.query(SelectRunning()).contains {
                            $0.crashes == 1 && $0.worker.hasSuffix(" \(worker.processIdentifier)")
                        } ? () : nil
                    }
                    worker.terminate()
                    await worker.waitUntilEnded()
                }
                #expect(try await database.query(SelectRunning()).isEmpty, "what had not ended was given back")
                let left = try await database.query(SelectAvailable())
                #expect(left.allSatisfy { $0.attempt == 0 && $0.failure == nil }, "at no cost")

                try await program.working { _ in
                    for id in documents { try await client.waitUntilReady(documentID: id, within: .seconds(150)) }
                }
                #expect(try await database.query(CountIndexed()) == [6], "each is counted once")
            }
        }
    }

    /// Documents of which each takes seconds.
    private static func upload(_ count: Int, to baseID: String, _ client: APIClient) async throws -> [String] {
        let section = "## Seção\n\nA entrega leva nove dias úteis e o pagamento é à vista ou em doze vezes.\n\n"
        let content = Array(String(repeating: section, count: 4000).utf8)
        var ids: [String] = []
        for _ in 0..<count {
            let upload = Upload(content: content, fields: [("knowledge_base_id", baseID)])
            ids.append(try await client.upload(upload).id(202))
        }
        return ids
    }

    private static func waitUntilIndexing(_ database: PostgresPool) async throws -> [RunningJob] {
        try await poll("a document is being indexed") {
            let running = try await database.query(SelectRunning())
            return running.isEmpty ? nil : running
        }
    }

    private static func expectWatchable(_ worker: RunningServer) async throws {
        let anybody = APIClient(worker)
        #expect(try await anybody.get("/health").status == 200)
        #expect(try await anybody.get("/ready").json?["status"] == "ready")
        try await poll("/metrics tells of what waits") {
            let metrics = try await anybody.get("/metrics").text
            return metrics.contains("jobs_waiting{") && metrics.contains("postgres_pool_open{pool=\"worker\"}")
                ? () : nil
        }
        #expect(try await anybody.get("/api/v2/agents").status == 404)
    }
}

private struct RunningJob: Sendable {
    let worker: String
    let crashes: Int
}

private struct SelectRunning: Statement {
    static let sql = "SELECT claimed_by, crashes FROM jobs.job WHERE state = 'running'"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> RunningJob {
        RunningJob(worker: try row.read(), crashes: try row.read())
    }
}

/// Documents that wait.
private struct SelectAvailable: Statement {
    static let sql = "SELECT attempt, failure FROM jobs.job WHERE state = 'available'"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> (attempt: Int, failure: String?) {
        (try row.read(), try row.read())
    }
}

private struct CountIndexed: Statement {
    static let sql = "SELECT count(*) FROM analytics.usage_event WHERE meter = 'document.indexed'"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
