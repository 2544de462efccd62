internal import Primitives
internal import Testing

/// What the product is for, as a customer's developer does it, from an empty organisation to exact figures.
@Suite("The main job", .server())
struct MainJobTests {
    @Test("Upload, index, ask, read the streamed answer with its source, convert, read the figures")
    func wholeJob() async throws {
        let organization = TestOrganization(try .current)
        let client = organization.admin
        let shop = try await Shop.open(organization)

        let document = try await client.get("/api/v2/knowledge/documents/\(shop.documentID)").data()
        #expect(document["status"] == "ready")
        #expect(document["progress"] == 100)
        #expect(document["name"] == "planos.md")
        #expect(shop.answer.contains("R$ 149,90"), "the answer quotes the document: \(shop.answer)")

        let base = try await client.get("/api/v2/knowledge/bases/\(shop.baseID)").data()
        #expect(base["document_count"] == 1 && base["ready_document_count"] == 1)
        #expect(base["chunk_count"] == document["chunk_count"])

        let run = try await client.get("/api/v2/runs/\(shop.runID)").data()
        #expect(run["state"] == "completed" && run["finish_reason"] == "stop")
        #expect(run["answer"]?.string == shop.answer)

        let conversations = try await client.get("/api/v2/conversations").data().array ?? []
        #expect(conversations.compactMap { $0["id"]?.string } == [shop.conversationID])
        #expect(conversations.first?["message_count"] == 2)
        let messages = try await client.get("/api/v2/conversations/\(shop.conversationID)/messages").data().array ?? []
        #expect(messages.compactMap { $0["role"]?.string } == ["assistant", "user"])
        #expect(messages.compactMap { $0["seq"]?.integer } == [2, 1])
        #expect(messages.compactMap { $0["content"]?.string } == [shop.answer, Shop.question])
        #expect(messages.first?["sources"]?.array?.isEmpty == false)

        try await expectFigures(of: client, shop)
    }

    /// One conversation, one question, one answer, one conversion of R$ 199,90.
    private func expectFigures(of client: APIClient, _ shop: Shop) async throws {
        let run = try await client.get("/api/v2/runs/\(shop.runID)").data()
        for path in ["/api/v2/analytics", "/api/v2/analytics/dashboard"] {
            let report = try await client.get(path + "?period=day").data()
            let overview = report["overview"] ?? .null
            #expect(overview["conversations_started"] == 1)
            #expect(overview["messages_in"] == 1 && overview["messages_out"] == 1)
            #expect(overview["conversions"] == 1 && overview["conversations_converted"] == 1)
            #expect(overview["conversion_rate"]?.string.flatMap(ExactDecimal.init) == ExactDecimal(1))
            #expect(overview["conversion_value"] == ["amount": "199.95", "currency": "BRL", "others": []])
            #expect(overview["tokens"]?["input"] == run["usage"]?["input_tokens"])
            #expect(overview["tokens"]?["output"] == run["usage"]?["output_tokens"])
            #expect(overview["unpriced_tokens"] == 0)
            #expect(overview["time_to_first_token"]?["count"] == 1 && overview["response_time"]?["count"] == 1)
            let days = report["time_series"]?.array ?? []
            #expect(days.count == 1)
            #expect(days.first?["conversations_started"] == 1 && days.first?["conversions"] == 1)
            let agents = report["top_agents"]?.array ?? []
            #expect(agents.compactMap { $0["agent_id"]?.string } == [shop.agentID])
            #expect(agents.first?["conversion_value"]?["amount"] == "199.95")
        }
    }

    @Test("A period of days before anything happened is all zero")
    func emptyPeriod() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let client = shop.organization.admin
        let report = try await client.get("/api/v2/analytics?start_date=2026-01-01&end_date=2026-01-03").data()
        #expect(report["overview"]?["conversations_started"] == 0)
        #expect(report["overview"]?["conversion_rate"] == .null)
        #expect(
            report["time_series"]?.array?.compactMap { $0["date"]?.string }
                == ["2026-01-01", "2026-01-02", "2026-01-03"]
        )
    }

    @Test("Search finds the passage with its place, by the words of a question as a customer types it")
    func search() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let found = try await shop.organization.member.post(
            "/api/v2/knowledge/search",
            ["query": "posso cancelar quando quiser?", "knowledge_base_id": .string(shop.baseID), "top_k": 1]
        ).data()
        #expect(found["total_results"] == 1 && found["mode"] == "lexical")
        let best = found["results"]?[0]
        #expect(best?["content"]?.string?.contains("sem multa") == true)
        #expect(best?["metadata"]?["breadcrumb"]?.string?.contains("Cancelamento") == true)
        #expect(best?["document_id"]?.string == shop.documentID)
        let score = try #require(best?["score"]?.double)
        #expect(score > 0 && score <= 1)
    }

    @Test("A text document is indexed like a file; a deleted one is found no more")
    func text() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let client = shop.organization.admin
        let text: JSON = [
            "knowledge_base_id": .string(shop.baseID), "name": "Frete",
            "content": "# Frete\n\nA entrega para Manaus leva nove dias úteis.",
        ]
        let id = try await client.post("/api/v2/knowledge/text", text).id(202)
        try await client.waitUntilReady(documentID: id)
        let query: JSON = ["query": "entrega em Manaus", "knowledge_base_id": .string(shop.baseID)]
        let found = try await client.post("/api/v2/knowledge/search", query).data()
        #expect(found["results"]?[0]?["document_id"]?.string == id)
        #expect(try await client.delete("/api/v2/knowledge/documents/\(id)").status == 200)
        #expect(try await client.get("/api/v2/knowledge/documents/\(id)").status == 404)
        let after = try await client.post("/api/v2/knowledge/search", query).data()
        #expect(after["results"]?.array?.contains { $0["document_id"]?.string == id } == false)
    }

    @Test("Settings change in part and as a whole, and count for the agents that are made then")
    func settings() async throws {
        let client = TestOrganization(try .current).admin
        let first = try await client.get("/api/v2/settings").data()
        #expect(first["settings"]?["language"] == "pt-br" && first["settings"]?["default_temperature"] == 0.7)
        #expect(first["available_models"]?.array?.contains { $0["id"] == "local" } == true)
        #expect(first["usage"]?["messages"] == 0)
        let changed = try await client.patch(
            "/api/v2/settings",
            ["default_temperature": 0.2, "theme": "dark"]
        ).data()
        #expect(changed["settings"]?["default_temperature"] == 0.2 && changed["settings"]?["theme"] == "dark")
        let agent = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).data(201)
        #expect(agent["temperature"] == 0.2)
        let replaced = try await client.put("/api/v2/settings", ["theme": "light"]).data()
        #expect(replaced["settings"]?["default_temperature"] == 0.7 && replaced["settings"]?["theme"] == "light")
    }

    @Test("The models list names the local model")
    func models() async throws {
        let models = try await TestOrganization(try .current).member.get("/api/v2/models").data().array ?? []
        #expect(models.contains { $0["id"] == "local" && $0["provider"] == "local" })
    }

    @Test("Agents are created, read, changed in part, replaced, listed page by page, and deleted")
    func agents() async throws {
        let client = TestOrganization(try .current).admin
        var ids: [String] = []
        for _ in 0..<5 { ids.append(try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)) }
        let first = try await client.get("/api/v2/agents?limit=3")
        let cursor = try #require(first.json?["next_cursor"]?.string)
        let second = try await client.get("/api/v2/agents?limit=3&cursor=\(cursor)")
        #expect(second.json?["next_cursor"] == nil)
        let listed = try (first.data().array ?? []) + (second.data().array ?? [])
        #expect(listed.compactMap { $0["id"]?.string } == ids.reversed(), "newest first, each once")

        let path = "/api/v2/agents/\(ids[0])"
        #expect(try await client.patch(path, ["name": "Rita"]).data()["name"] == "Rita")
        #expect(try await client.get(path).data()["description"] == "Tira dúvidas sobre planos.")
        #expect(try await client.put(path, Shop.agent(baseID: nil)).data()["name"] == "Clara")
        #expect(try await client.delete(path).status == 200)
        #expect(try await client.get(path).errorCode == "agent_not_found")
        #expect(try await client.delete(path).errorCode == "agent_not_found")
    }

    @Test("A conversion told twice with one dedupe_key is one conversion; told differently it is a conflict")
    func dedupe() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let client = shop.organization.admin
        let again = try await client.post("/api/v2/conversions", Shop.conversion(conversationID: shop.conversationID))
        #expect(try again.id(201) == shop.conversionID)
        var other = Shop.conversion(conversationID: shop.conversationID).object ?? JSONObject()
        other["value"] = "200.00"
        let conflict = try await client.post("/api/v2/conversions", .object(other))
        #expect(conflict.status == 409 && conflict.errorCode == "dedupe_conflict")
        let report = try await client.get("/api/v2/analytics?period=day").data()
        #expect(report["overview"]?["conversions"] == 1)
        #expect(report["overview"]?["conversion_value"]?["amount"] == "199.95")
    }

    @Test("A conversation's title, status and metadata change; deleting it blanks what was said and keeps the figures")
    func conversation() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let client = shop.organization.admin
        let path = "/api/v2/conversations/\(shop.conversationID)"
        let changed = try await client.patch(
            path,
            ["title": "Orçamento", "status": "human_requested", "metadata": ["pedido": 7]]
        ).data()
        #expect(changed["title"] == "Orçamento" && changed["metadata"] == ["pedido": 7])
        #expect(try await client.delete(path).status == 200)
        #expect(try await client.get(path).errorCode == "conversation_not_found")
        #expect(try await client.get(path + "/messages").errorCode == "conversation_not_found")
        let report = try await client.get("/api/v2/analytics?period=day").data()
        #expect(report["overview"]?["messages_in"] == 1 && report["overview"]?["human_requested"] == 1)
    }
}
