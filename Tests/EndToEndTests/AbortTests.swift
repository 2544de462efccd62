internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

/// Two tenants on one small pool, and everything cut off at any moment.
@Suite("Aborted requests")
struct AbortTests {
    private static let aborts = 3000
    private static let cutters = 24

    @Test("3,000 connections cut at any moment, with backends killed and statements cancelled, mix no two tenants up")
    func aborted() async throws {
        try await Program.deployed(["DATABASE_POOL_SIZE": "4"]) { program in
            try await program.serving(allowing: ["database_unavailable", "answer_not_stored", "answer not stored"]) {
                server in
                let tenants = [
                    try await Tenant(TestOrganization(server, named: "azul"), color: "azul"),
                    try await Tenant(TestOrganization(server, named: "verde"), color: "verde"),
                ]
                let left = Count(Self.aborts)
                let looked = Count()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for index in 0..<Self.cutters {
                        group.addTask {
                            var random = SplitMix64(seed: UInt64(index))
                            while left.add(-1) >= 0 {
                                try await tenants[index % 2].abort(at: server, &random)
                            }
                        }
                    }
                    for index in 0..<4 {
                        group.addTask {
                            while left.value > 0 {
                                if try await tenants[index % 2].look() { looked.add(1) }
                            }
                        }
                    }
                    group.addTask {
                        let administrator = program.database.administrator
                        var isKill = false
                        while left.value > 0 {
                            _ = try await administrator.query(DisturbOne(isKill: isKill))
                            isKill.toggle()
                            try await Task.sleep(for: .milliseconds(60))
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(looked.value >= 10, "tenants were looked at meanwhile")
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
                switch Int.random(in: 0..<8, using: &random) {
                case 0: ("POST /api/v2/agents", Self.agent(color).encoded)
                case 1: ("PATCH /api/v2/agents/\(agentID)", (["name": .string("\(color) agente")] as JSON).encoded)
                case 2:
                    (
                        "POST /api/v2/agents/\(agentID)/chat/stream",
                        (["messages": [["role": "user", "content": .string(color)]]] as JSON).encoded
                    )
                case 3: ("GET /api/v2/events/dashboard", [])
                case 4: ("GET /api/v2/analytics?period=day", [])
                case 5: ("GET /api/v2/conversations", [])
                default: ("GET /api/v2/agents", [])
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
            let response = try await client.get("/api/v2/agents?limit=100")
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
