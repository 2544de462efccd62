internal import Primitives
internal import Testing

/// Who did what, from where, seen through the API.
@Suite("The audit log", .server())
struct AuditTests {
    /// Operations that change nothing of an organisation's configuration.
    private static let exceptions: Set<String> = [
        "POST /api/v2/agents/{agent_id}/chat/stream",
        "POST /api/v2/events/tickets",
        "POST /api/v2/knowledge/search",
    ]

    @Test("Every route that writes leaves exactly one line, with actor, request, address and target")
    func everyRoute() async throws {
        let server = try RunningServer.current
        let operations = try await APIDocument(of: server).tenantOperations
        let writing = operations.filter { !$0.isRead && !Self.exceptions.contains($0.description) }
        #expect(Self.exceptions.isSubset(of: operations.map(\.description)))
        #expect(writing.count >= 13)
        for operation in writing {
            // Its own organisation, since some take away what others need.
            let shop = try await Shop.open(TestOrganization(server, named: "audit"))
            let admin = shop.organization.admin
            let before = try await admin.audit()
            let response = try await shop.send(operation, as: admin)
            #expect((200..<300).contains(response.status), "\(operation): \(response)")
            let added = try await admin.audit().filter { !before.contains($0) }
            #expect(added.count == 1, "\(operation) left \(added)")
            guard let entry = added.first else { continue }
            #expect(entry["actor"] == ["kind": "user", "id": "user_admin"], "\(operation): \(entry)")
            #expect(entry["request_id"]?.string == response.header("X-Request-Id"), "\(operation): \(entry)")
            #expect(entry["address"] == "127.0.0.1", "\(operation): \(entry)")
            let kind = entry["target"]?["kind"]?.string
            #expect(
                kind != nil && entry["action"]?.string?.hasPrefix("\(kind ?? "").") == true,
                "\(operation): \(entry)"
            )
            let id = entry["target"]?["id"]?.string ?? ""
            let isKnown =
                shop.ids.values.contains(id) || response.text.contains(id)
                || id == shop.organization.tenantID.description
            #expect(isKnown, "\(operation) names \(id)")
        }
    }

    @Test("What was not done leaves no line: a refusal, a request that fails, a repetition, a read, a chat")
    func nothingDone() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let (admin, member) = (shop.organization.admin, shop.organization.member)
        let key = [("Idempotency-Key", "auditoria-1")]
        _ = try await admin.post("/api/v2/agents", Shop.agent(baseID: nil), key).id(201)
        let before = try await admin.audit()
        #expect(try await admin.post("/api/v2/agents", Shop.agent(baseID: nil), key).status == 201)
        #expect(try await member.delete("/api/v2/agents/\(shop.agentID)").status == 403)
        #expect(try await admin.delete("/api/v2/agents/\(AgentID.next())").status == 404)
        #expect(try await admin.patch("/api/v2/agents/\(shop.agentID)", ["temperature": 7]).status == 422)
        _ = try await admin.get("/api/v2/agents/\(shop.agentID)").data()
        _ = try await admin.chat(shop.agentID, "Oi")
        #expect(try await admin.audit() == before)
    }

    @Test("A change names the fields that it gives, and nothing of what it gives them")
    func fields() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let admin = shop.organization.admin
        let change: JSON = ["name": "SEGREDO-1", "system_prompt": "SEGREDO-2 SEGREDO-2", "id": .string(shop.agentID)]
        _ = try await admin.patch("/api/v2/agents/\(shop.agentID)", change).data()
        let entry = try #require(try await admin.audit("?target_id=\(shop.agentID)&action=agent.updated").first)
        #expect(entry["details"] == ["fields": ["name", "system_prompt"]])
        #expect(!"\(try await admin.audit())".contains("SEGREDO"))
    }

    @Test("What an API key does is put down to the key; one with audit:read reads the log")
    func keys() async throws {
        let organization = TestOrganization(try .current)
        let writer = try await organization.createKey(["knowledge:write"])
        _ = try await writer.client.post("/api/v2/knowledge/bases", ["name": "Loja"]).id(201)
        let reader = try await organization.createKey(["audit:read"])
        let entries = try await reader.client.audit("?actor_id=\(writer.id)")
        #expect(entries.map { $0["actor"] } == [["kind": "api_key", "id": .string(writer.id)]])
        #expect(try await writer.client.get("/api/v2/audit-log").errorCode == "api_key_scope_missing")
    }

    @Test("What the platform's operator decides about an organisation is in its log")
    func operators() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        _ = try await organization.admin.get("/api/v2/agents").data()
        for command in ["suspend", "suspend", "activate"] {
            _ = try await server.program.output(of: ["admin", command, organization.clerkID])
        }
        let entries = try await poll("the organisation is let in again") {
            let answer = try await organization.admin.get("/api/v2/audit-log")
            return answer.status == 200 ? try answer.data().array : nil
        }
        #expect(entries.map { $0["action"] } == ["organization.activated", "organization.suspended"])
        #expect(entries.allSatisfy { $0["actor"]?["kind"] == "operator" && $0["address"] == .null })
    }

    @Test("Only admins read it, and only their own organisation's; it goes on after its cursor and can be narrowed")
    func reading() async throws {
        let shop = try await Shop.open(TestOrganization(try .current))
        let (admin, member) = (shop.organization.admin, shop.organization.member)
        let refused = try await member.get("/api/v2/audit-log")
        #expect(refused.status == 403 && refused.errorCode == "permission_denied")
        let all = try await admin.audit()
        #expect(
            all.compactMap { $0["action"]?.string }
                == [
                    "webhook.created", "api_key.created", "conversion.recorded", "agent.created", "document.added",
                    "knowledge_base.created",
                ]
        )
        let first = try await admin.get("/api/v2/audit-log?limit=3").json
        let cursor = try #require(first?["next_cursor"]?.string)
        let second = try await admin.get("/api/v2/audit-log?limit=3&cursor=\(cursor)").json
        #expect((first?["data"]?.array ?? []) + (second?["data"]?.array ?? []) == all)
        #expect(second?["next_cursor"] == nil)

        #expect(try await admin.audit("?actor_id=user_admin") == all)
        #expect(try await admin.audit("?actor_id=user_other") == [])
        #expect(try await admin.audit("?action=agent.created") == [all[3]])
        #expect(try await admin.audit("?target_id=\(shop.documentID)") == [all[4]])
        let moment = try #require(all[3]["occurred_at"]?.string)
        #expect(try await admin.audit("?since=\(moment)") == Array(all[...3]))
        #expect(try await admin.audit("?until=\(moment)") == Array(all[4...]))
        #expect(try await admin.get("/api/v2/audit-log?action=agent.eaten").status == 422)

        let stranger = TestOrganization(try .current).admin
        #expect(try await stranger.audit() == [])
    }

    @Test("The address is the connection's; what a client writes into X-Forwarded-For is not believed")
    func forgedAddress() async throws {
        let admin = TestOrganization(try .current).admin
        let forged = [("X-Forwarded-For", "203.0.113.7")]
        _ = try await admin.post("/api/v2/knowledge/bases", ["name": "Loja"], forged).id(201)
        #expect(try await admin.audit().compactMap { $0["address"]?.string } == ["127.0.0.1"])
    }

    @Test("Behind a proxy it is the address that the proxy saw")
    func proxiedAddress() async throws {
        try await RunningServer.current.program.serving(["TRUSTED_PROXY_HOPS": "1"]) { server in
            let admin = TestOrganization(server).admin
            let forwarded = [("X-Forwarded-For", "198.51.100.1, 2001:db8:0:0::7")]
            _ = try await admin.post("/api/v2/knowledge/bases", ["name": "Loja"], forwarded).id(201)
            #expect(try await admin.audit().compactMap { $0["address"]?.string } == ["2001:db8::7"])
        }
    }
}

extension APIClient {
    fileprivate func audit(_ query: String = "") async throws -> [JSON] {
        try await get("/api/v2/audit-log" + query).data().array ?? []
    }
}
