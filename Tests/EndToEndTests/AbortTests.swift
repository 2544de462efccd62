internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

/// Two tenants on one small pool, and everything cut off at any moment.
@Suite("Aborted requests")
struct AbortTests {
    private static let aborts = 10_000
    private static let cutters = 24
    private static let allowedErrors = [
        "database_unavailable", "answer_not_stored", "answer not stored", "server_busy",
    ]

    @Test("10,000 connections cut at any moment, with backends killed and statements cancelled, mix no two tenants up")
    func aborted() async throws {
        try await Program.deployed(["DATABASE_POOL_SIZE": "4"]) { program in
            try await program.serving(allowing: Self.allowedErrors) { server in
                let tenants = [
                    try await Tenant(TestOrganization(server, named: "azul"), color: "azul"),
                    try await Tenant(TestOrganization(server, named: "verde"), color: "verde"),
                ]
                let left = Count(Self.aborts)
                let (looked, disturbed) = (Count(), Count())
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<Self.cutters {
                        group.addTask {
                            var random = SplitMix64(seed: UInt64(index))
                            let tenant = tenants[index % 2]
                            while left.add(-1) >= 0 {
                                try await tenant.abort(at: server, &random)
                                // Waits its turn behind what was cut off: the server is busy with that, not overrun.
                                guard Int.random(in: 0..<10, using: &random) == 0 else { continue }
                                if try await tenant.look() { looked.add(1) }
                            }
                        }
                    }
                    group.addTask {
                        let administrator = program.database.administrator
                        var isKill = false
                        while left.value > 0 {
                            if try await administrator.query(DisturbOne(isKill: isKill)) == [true] { disturbed.add(1) }
                            isKill.toggle()
                            try await Task.sleep(for: .milliseconds(60))
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(looked.value >= Self.aborts / 20, "tenants were looked at meanwhile")
                #expect(disturbed.value >= Self.aborts / 200, "transactions were under way")
                for tenant in tenants {
                    // Nobody holds on to the pool.
                    for _ in 0..<20 {
                        let isRight = try await poll("an answer") { try await tenant.look() ? true : nil }
                        #expect(isRight)
                    }
                }
            }
        }
    }

    private struct Tenant: Sendable {
        let client: APIClient
        let color: String
        let agentID: String

        init(_ organization: TestOrganization, color: String) async throws {
            client = organization.admin
            self.color = color
            agentID = try await client.post("/api/v2/agents", Self.agent(color)).id(201)
        }

        static func agent(_ color: String) -> JSON {
            [
                "name": .string("\(color) agente"), "description": "De um só inquilino.",
                "system_prompt": "Você atende na loja.", "model_id": "local",
            ]
        }

        /// Sends a request, most often whole, and is gone before, in or after its transaction.
        func abort(at server: RunningServer, _ random: inout SplitMix64) async throws {
            let (line, body): (String, [UInt8]) =
                switch Int.random(in: 0..<16, using: &random) {
                case 0...1: ("POST /api/v2/agents", Self.agent(color).encoded)
                case 2...3: ("PATCH /api/v2/agents/\(agentID)", (["name": .string("\(color) agente")] as JSON).encoded)
                case 4:
                    (
                        "POST /api/v2/agents/\(agentID)/chat/stream",
                        (["messages": [["role": "user", "content": .string(color)]]] as JSON).encoded
                    )
                case 5: ("GET /api/v2/events/dashboard", [])
                case 6: ("GET /api/v2/analytics?period=day", [])
                case 7...8: ("GET /api/v2/conversations?limit=2", [])
                default: ("GET /api/v2/agents?limit=2", [])
                }
            var request = Array(
                """
                \(line) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(client.token ?? "")\r\n\
                Content-Type: application/json\r\nContent-Length: \(body.count)\r\n\r\n
                """.utf8
            )
            request += body
            if Int.random(in: 0..<10, using: &random) == 0 {
                request.removeLast(Int.random(in: 1..<request.count, using: &random))
            }
            let connection = try await RawConnection.open(to: server)
            try? await connection.send(request)
            try await Task.sleep(for: .microseconds(Int.random(in: 0..<8000, using: &random)))
            if Bool.random(using: &random) { await connection.reset() } else { await connection.close() }
            expectOwn(connection.text)
        }

        /// - Returns: false where Postgres was not there for us just now.
        func look() async throws -> Bool {
            let response = try await client.get("/api/v2/agents?limit=10")
            guard response.status == 200 else {
                #expect(response.status == 503, "\(response)")
                return false
            }
            let names = (try response.data().array ?? []).compactMap { $0["name"]?.string }
            #expect(!names.isEmpty && names.allSatisfy { $0.hasPrefix(color) }, "\(color) sees \(Set(names))")
            expectOwn(response.text)
            return true
        }

        private func expectOwn(_ text: String) {
            let other = color == "azul" ? "verde" : "azul"
            #expect(!text.contains(other), "\(color) sees \(text.prefix(500))")
        }
    }
}

/// Kills the backend of one running statement of ours, or cancels the statement.
private struct DisturbOne: Statement {
    static let sql = """
        SELECT CASE WHEN $1 THEN pg_terminate_backend(pid) ELSE pg_cancel_backend(pid) END
        FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'agentes_app' AND state <> 'idle'
        ORDER BY random() LIMIT 1
        """
    let isKill: Bool
    var bindings: Bindings { [isKill] }
    static func decode(_ row: inout RowReader) throws -> Bool { try row.read() }
}
