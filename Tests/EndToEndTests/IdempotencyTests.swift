internal import Primitives
internal import Testing

@Suite("Idempotency-Key", .server())
struct IdempotencyTests {
    @Test(
        "The same key and body get the first answer again; another body is refused; another tenant has keys of its own"
    )
    func replay() async throws {
        let client = TestOrganization(try .current).admin
        let key = [("Idempotency-Key", "agente-1")]
        let body = Shop.agent(baseID: nil)
        let first = try await client.post("/api/v2/agents", body, key)
        let second = try await client.post("/api/v2/agents", body, key)
        #expect(first.status == 201 && second.status == 201)
        #expect(second.body == first.body)
        #expect(first.header("Idempotent-Replayed") == nil)
        #expect(second.header("Idempotent-Replayed") == "true")
        #expect(first.header("X-Request-Id") != second.header("X-Request-Id"))
        #expect(try await client.get("/api/v2/agents").json?["count"] == 1)

        var other = body.object ?? JSONObject()
        other["name"] = "Outra"
        let reused = try await client.post("/api/v2/agents", .object(other), key)
        #expect(reused.status == 422 && reused.errorCode == "idempotency_key_reused")

        let stranger = try await TestOrganization(try .current).admin.post("/api/v2/agents", body, key)
        #expect(stranger.status == 201 && stranger.header("Idempotent-Replayed") == nil)
    }

    @Test("Of many requests at once with one key, one has its effect and all get its answer")
    func concurrent() async throws {
        let client = TestOrganization(try .current).admin
        // Provisions the organisation, so that only the key is raced for.
        _ = try await client.get("/api/v2/agents")
        let answers = try await withThrowingTaskGroup(of: APIResponse.self) { group in
            for _ in 0..<10 {
                group.addTask {
                    try await client.post("/api/v2/agents", Shop.agent(baseID: nil), [("Idempotency-Key", "corrida")])
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 201 }, "\(answers)")
        #expect(Set(answers.map(\.body)).count == 1)
        #expect(answers.filter { $0.header("Idempotent-Replayed") == nil }.count == 1)
        #expect(try await client.get("/api/v2/agents").json?["count"] == 1)
    }

    @Test("A request that was refused leaves its key free")
    func refused() async throws {
        let client = TestOrganization(try .current).admin
        let key = [("Idempotency-Key", "tentativa")]
        let missing = Shop.conversion(conversationID: ConversationID.next().description)
        #expect(try await client.post("/api/v2/conversions", missing, key).status == 404)
        #expect(try await client.post("/api/v2/agents", Shop.agent(baseID: nil), key).status == 201)
    }

    @Test("A file uploaded twice under one key is one document")
    func upload() async throws {
        let client = TestOrganization(try .current).admin
        let baseID = try await client.post("/api/v2/knowledge/bases", ["name": "Loja"]).id(201)
        let upload = Upload(content: Array(Shop.document.utf8), fields: [("knowledge_base_id", baseID)])
        let first = try await client.upload(upload, headers: [("Idempotency-Key", "arquivo")])
        let second = try await client.upload(upload, headers: [("Idempotency-Key", "arquivo")])
        #expect(try first.id(202) == second.id(202))
        #expect(second.header("Idempotent-Replayed") == "true")
        #expect(try await client.get("/api/v2/knowledge/documents").json?["count"] == 1)

        let otherBase = try await client.post("/api/v2/knowledge/bases", ["name": "Outra"]).id(201)
        var (moved, renamed) = (upload, upload)
        moved.fields = [("knowledge_base_id", otherBase)]
        renamed.fileName = "prazos.md"
        for other in [moved, renamed] {
            let reused = try await client.upload(other, headers: [("Idempotency-Key", "arquivo")])
            #expect(reused.status == 422 && reused.errorCode == "idempotency_key_reused", "\(reused)")
        }
        #expect(try await client.get("/api/v2/knowledge/documents").json?["count"] == 1)
    }

    @Test(
        "A key that is empty, too long or not visible ASCII is refused",
        arguments: ["", "a b", String(repeating: "k", count: 256)]
    )
    func malformed(_ key: String) async throws {
        let client = TestOrganization(try .current).admin
        let response = try await client.post("/api/v2/agents", Shop.agent(baseID: nil), [("Idempotency-Key", key)])
        #expect(response.status == 400 && response.errorCode == "malformed_request")
    }
}
