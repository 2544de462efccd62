internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@Suite("Limits of a plan", .server())
struct PlanLimitTests {
    @Test("A month's messages: the refusal says which quota, how much and until when, in both languages")
    func messages() async throws {
        let organization = TestOrganization(try .current)
        try await organization.agree(#"{"monthly_messages": 1}"#)
        let client = organization.admin
        let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        #expect(try await client.chat(agentID, "Oi").events.last == "done")

        let question: JSON = ["messages": [["role": "user", "content": "E agora?"]]]
        let path = "/api/v2/agents/\(agentID)/chat/stream"
        let refused = try await client.post(path, question)
        #expect(refused.status == 429 && refused.errorCode == "quota_exceeded")
        #expect(refused.header("Retry-After").flatMap { Int($0) }.map { $0 > 0 } == true)
        #expect(refused.header("RateLimit") != nil)
        let quotas = try await client.get("/api/v2/settings").data()["usage"]?["quotas"]
        #expect(quotas?["messages"]?["used"] == 1 && quotas?["messages"]?["limit"] == 1)
        #expect(quotas?["tokens"]?["limit"] == .null)
        let renewal = try #require(quotas?["renews_at"]?.string)
        #expect(renewal.contains("-01T00:00:00"))
        #expect(
            refused.json?["error"] == .string("A cota de 1 mensagens deste mês foi usada. Ela renova em \(renewal).")
        )
        let english = try await client.post(path, question, [("Accept-Language", "en")])
        #expect(
            english.json?["error"] == .string("This month's quota of 1 messages is used up. It renews at \(renewal).")
        )
        #expect(try await TestOrganization(.current).admin.get("/api/v2/agents").status == 200)
    }

    @Test("Storage: what does not fit is refused, and deleting makes room")
    func storage() async throws {
        let organization = TestOrganization(try .current)
        try await organization.agree(#"{"storage_bytes": 100}"#)
        let client = organization.admin
        let baseID = try await client.post("/api/v2/knowledge/bases", ["name": "Loja"]).id(201)
        func text(_ size: Int) -> JSON {
            [
                "knowledge_base_id": .string(baseID), "name": "Texto",
                "content": .string(String(repeating: "a", count: size)),
            ]
        }
        let documentID = try await client.post("/api/v2/knowledge/text", text(80)).id(202)
        let refused = try await client.post("/api/v2/knowledge/text", text(21))
        #expect(refused.status == 429 && refused.errorCode == "quota_exceeded")
        let upload = Upload(content: Array(repeating: 0x61, count: 21), fields: [("knowledge_base_id", baseID)])
        #expect(try await client.upload(upload).errorCode == "quota_exceeded")
        let received = CountReceiving(tenantID: organization.tenantID)
        #expect(try await organization.server.program.database.administrator.query(received) == [0], "all is discarded")
        #expect(try await client.get("/api/v2/knowledge/documents").json?["count"] == 1)
        #expect(try await client.delete("/api/v2/knowledge/documents/\(documentID)").status == 200)
        #expect(try await client.post("/api/v2/knowledge/text", text(100)).status == 202)
        let quotas = try await client.get("/api/v2/settings").data()["usage"]?["quotas"]
        #expect(quotas?["storage_bytes"]?["used"] == 100)
    }

    @Test("Each class of routes has its own figures, and the answer names them")
    func classes() async throws {
        let organization = TestOrganization(try .current)
        try await organization.agree(#"{"chat_per_minute": 2, "write_per_minute_of_user": 3, "upload_per_minute": 1}"#)
        let client = organization.admin
        func policy(_ response: APIResponse) -> String? { response.header("RateLimit-Policy") }
        let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        let question: JSON = ["messages": [["role": "user", "content": "Oi"]], "streaming": false]
        var statuses: [Int] = []
        for _ in 0..<3 {
            statuses.append(try await client.post("/api/v2/agents/\(agentID)/chat/stream", question).status)
        }
        #expect(statuses == [200, 200, 429])
        let written = try await client.post("/api/v2/knowledge/bases", ["name": "Loja"])
        #expect(policy(written) == "\"user-write\";q=3;w=60")
        let uploads = ["knowledge_base_id": .string(try written.id(201)), "name": "a", "content": "a"] as JSON
        #expect(try await client.post("/api/v2/knowledge/text", uploads).status == 202)
        let refused = try await client.post("/api/v2/knowledge/text", uploads)
        #expect(refused.errorCode == "rate_limited" && policy(refused) == "\"tenant-upload\";q=1;w=60")
        // Neither is a read.
        #expect(try await client.post("/api/v2/knowledge/search", ["query": "frete"]).status == 200)
        #expect(try await client.get("/api/v2/agents").status == 200)
    }
}

private struct CountReceiving: Statement {
    static let sql = "SELECT count(*) FROM knowledge.document WHERE tenant_id = $1 AND status = 'receiving'"
    let tenantID: TenantID
    var bindings: Bindings { [tenantID] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

/// Places of answers, of servers that die.
@Suite("Answers at once")
struct ConcurrentAnswerTests {
    @Test("are counted over all servers, and those of a killed one are free again within 30 s")
    func killed() async throws {
        try await Program.deployed(["LOCAL_PROVIDER_PACE_MS": "400"]) { program in
            try await program.serving(2) { servers in
                let organization = TestOrganization(servers[0])
                try await organization.agree(#"{"concurrent_answers": 3}"#)
                let client = organization.admin
                let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
                for _ in 0..<3 { _ = try await client.openChat(agentID, .minutesOfWords).frames(until: "answer") }

                let other = organization.at(servers[1])
                let path = "/api/v2/agents/\(agentID)/chat/stream"
                let body: JSON = ["messages": [["role": "user", "content": "Oi"]], "streaming": false]
                let refused = try await other.post(path, body)
                #expect(refused.status == 429 && refused.errorCode == "concurrency_limited")
                #expect(refused.header("Retry-After") != nil)
                servers[0].kill()
                try await poll("a place is free", within: .seconds(30)) {
                    try await other.post(path, body).status == 200 ? () : nil
                }
            }
        }
    }
}
