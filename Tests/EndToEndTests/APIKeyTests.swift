internal import NIOHTTP1
internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@Suite("API keys", .server())
struct APIKeyTests {
    private static let keys = "/api/v2/api-keys"
    private static let agents = "/api/v2/agents"

    @Test(
        "The secret is told once: not by a repetition, a list or a look, and it is nowhere in the database or the log"
    )
    func toldOnce() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let admin = organization.admin
        let body: JSON = ["name": "Loja", "scopes": ["chat", "agents:read"], "rate_limit": 50]
        let key = [("Idempotency-Key", "chave-1")]
        let first = try await admin.post(Self.keys, body, key)
        let created = try first.data(201)
        let secret = try #require(created["secret"]?.string)
        let again = try await admin.post(Self.keys, body, key)
        #expect(try again.data(201)["secret"] == .null && again.header("Idempotent-Replayed") == "true")
        #expect(try again.id(201) == first.id(201))

        let list = try await admin.get(Self.keys)
        let read = try await admin.get("\(Self.keys)/\(first.id(201))")
        let listed = try #require(list.json?["data"]?.array?.first)
        #expect(listed == (try read.data()) && list.json?["count"] == 1)
        #expect(listed["prefix"]?.string.map { secret.dropFirst(34).hasPrefix($0) } == true)
        #expect(listed["scopes"] == ["agents:read", "chat"] && listed["rate_limit"] == 50)
        #expect(listed["created_by"] == "user_admin" && listed["last_used_at"] == .null)
        #expect(listed["agent_ids"] == .null && listed["expires_at"] == .null && listed["revoked_at"] == .null)
        #expect(try await APIClient(server, token: secret).get(Self.agents).status == 200)

        for text in [again.text, list.text, read.text] { #expect(!text.contains(secret.dropFirst(42))) }
        let rows = try await server.program.database.administrator.query(
            CountRowsWith(text: String(secret.dropFirst(42)))
        )
        #expect(rows == [0])
        _ = await server.log.line {
            $0.contains("\"actor_kind\":\"api_key\"") && $0.contains(listed["id"]?.string ?? "?")
        }
        #expect(!server.log.text.contains(secret.dropFirst(42)))
    }

    @Test("Every route takes a key with its scope and refuses one with all the others; people's routes refuse all keys")
    func scopes() async throws {
        let server = try RunningServer.current
        let shop = try await Shop.open(TestOrganization(server))
        var clients: [String: (with: APIClient, without: APIClient)] = [:]
        for scope in TestOrganization.allScopes {
            clients[scope] = (
                try await shop.organization.createKey([scope]).client,
                try await shop.organization.createKey(TestOrganization.allScopes.filter { $0 != scope }).client
            )
        }
        var used: Set<String> = []
        let operations = try await APIDocument(of: server).tenantOperations
        for operation in operations.filter({ $0.method != .DELETE }) + operations.filter({ $0.method == .DELETE }) {
            guard let scope = operation.keyScope else {
                let response = try await shop.send(operation, as: shop.key)
                #expect(response.status == 403 && response.errorCode == "people_only", "\(operation): \(response)")
                continue
            }
            used.insert(scope)
            let (with, without) = try #require(clients[scope])
            let refused = try await shop.send(operation, as: without)
            #expect(refused.status == 403 && refused.errorCode == "api_key_scope_missing", "\(operation): \(refused)")
            // What was deleted before is missing by then; nothing is forbidden.
            let admitted = try await shop.send(operation, as: with)
            #expect([200, 201, 202, 404].contains(admitted.status), "\(operation): \(admitted)")
        }
        #expect(used == Set(TestOrganization.allScopes), "every scope opens something")
    }

    @Test("A key with any one character changed is refused")
    func tampered() async throws {
        let server = try RunningServer.current
        let key = try await TestOrganization(server).createKey(["agents:read"])
        #expect(try await key.client.get(Self.agents).status == 200)
        let text = Array(key.secret.utf8)
        for index in text.indices {
            var changed = text
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            let client = APIClient(server, token: String(decoding: changed, as: UTF8.self))
            let response = try await client.get(Self.agents)
            #expect(response.status == 401 && response.header("WWW-Authenticate") == "Bearer", "\(index): \(response)")
        }
    }

    @Test("A key that is for some agents reaches those and no other, in lists neither")
    func confined() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let own = try await Shop.open(organization)
        let other = try await Shop.open(organization, order: "pedido-2")
        let scopes = ["agents:read", "chat", "conversations:read", "conversations:write", "conversions:write"]
        let key = try await organization.createKey(scopes, [("agent_ids", [.string(own.agentID)])]).client
        let foreign = [other.agentID, other.conversationID, other.runID]
        let rows = try await TenantRows(organization.tenantID, in: server.program.database)
        try await rows.settle()
        let operations = try await APIDocument(of: server).tenantOperations.filter {
            scopes.contains($0.keyScope ?? "")
        }
        #expect(operations.count >= 10)
        for operation in operations where operation.method != .DELETE {
            let response = try await own.send(operation, as: key)
            #expect((200..<300).contains(response.status), "\(operation): \(response)")
            #expect(foreign.allSatisfy { !response.text.contains($0) }, "\(operation) shows another agent's")
        }
        try await rows.settle()
        let before = try await rows.checksum()
        for operation in operations {
            let response = try await other.send(operation, as: key)
            if operation.isRead, !operation.path.contains("{") {
                #expect(foreign.allSatisfy { !response.text.contains($0) }, "\(operation) shows another agent's")
                #expect(response.text.contains(own.agentID), "\(operation): \(response)")
            } else {
                let isDenied = response.status == 403 && response.errorCode == "api_key_agent_denied"
                #expect(isDenied, "\(operation): \(response)")
            }
        }
        let filtered = try await key.get("/api/v2/conversations?agent_id=\(other.agentID)")
        #expect(filtered.errorCode == "api_key_agent_denied")
        let after = try await rows.checksum()
        #expect(after == before, "what was denied changed something")
        let mixed = try await key.chatStatus(own.agentID, conversationID: other.conversationID)
        #expect(mixed == 404, "another agent's conversation does not go on with this one")
    }

    @Test(
        "What a key for some agents could not be held to is refused when it is made, with everything else that is wrong"
    )
    func creation() async throws {
        let organization = TestOrganization(try .current)
        let admin = organization.admin
        let agentID = try await admin.post(Self.agents, Shop.agent(baseID: nil)).id(201)
        for scope in TestOrganization.allScopes {
            let canBeConfined = [
                "agents:read", "chat", "conversations:read", "conversations:write", "conversions:write",
            ].contains(scope)
            let body: JSON = ["name": "Loja", "scopes": [.string(scope)], "agent_ids": [.string(agentID)]]
            let response = try await admin.post(Self.keys, body)
            #expect(response.status == (canBeConfined ? 201 : 422), "\(scope): \(response)")
            if !canBeConfined { #expect(response.problemFields == ["scopes"]) }
        }
        let wrong: JSON = ["name": "", "scopes": [], "agent_ids": ["x"], "rate_limit": 0, "expires_at": "amanhã"]
        let response = try await admin.post(Self.keys, wrong)
        let fields = Set(response.problemFields.map { String($0.prefix { $0 != "[" }) })
        #expect(response.status == 422 && fields == ["name", "scopes", "agent_ids", "rate_limit", "expires_at"])
        let passed = try await admin.post(
            Self.keys,
            ["name": "Loja", "scopes": ["chat"], "expires_at": "2020-01-01T00:00:00Z"]
        )
        #expect(passed.status == 422 && passed.problemFields == ["expires_at"])
        let unknown = try await admin.post(
            Self.keys,
            ["name": "Loja", "scopes": ["chat"], "agent_ids": [.string(AgentID.next().description)]]
        )
        #expect(unknown.status == 404 && unknown.errorCode == "agent_not_found")
        #expect(try await organization.member.get(Self.keys).errorCode == "permission_denied")
    }

    @Test("A key is refused when it was revoked, when whoever made it was removed, and when its organisation ends")
    func ended() async throws {
        let server = try RunningServer.current
        let database = server.program.database.administrator
        let organization = TestOrganization(server)
        let revoked = try await organization.createKey(["agents:read"])
        let orphaned = try await organization.createKey(["agents:read"], by: "user_gone")
        let stays = try await organization.createKey(["agents:read"])
        for key in [revoked, orphaned, stays] { #expect(try await key.client.get(Self.agents).status == 200) }

        let answer = try await organization.admin.delete("\(Self.keys)/\(revoked.id)?reason=vazou").data()
        #expect(answer["revoked_at"]?.string != nil && answer["revoked_by"] == "user_admin")
        #expect(answer["revoked_reason"] == "vazou")
        #expect(try await organization.admin.delete("\(Self.keys)/\(revoked.id)").data() == answer, "revoked once")
        #expect(try await revoked.client.refused(Self.agents) == "401 api_key_revoked")

        try await database.unsafeScript("UPDATE tenancy.member SET state = 'removed' WHERE user_id = 'user_gone'")
        #expect(try await orphaned.client.refused(Self.agents) == "403 api_key_creator_removed")
        #expect(try await stays.client.get(Self.agents).status == 200)

        for state in ["suspended", "deleted"] {
            try await database.unsafeScript(
                "UPDATE tenancy.organization SET state = '\(state)' WHERE tenant_id = '\(organization.tenantID)'"
            )
            let code = "403 organization_\(state)"
            _ = try await poll("\(state) is refused", within: .seconds(8)) {
                try await stays.client.refused(Self.agents) == code ? () : nil
            }
        }
    }

    @Test("A key revoked at one server is refused by the other within 5 s, and the stream that it opened there ends")
    func twoServers() async throws {
        let server = try RunningServer.current
        try await server.program.serving { second in
            try await StreamWatch.during { watch in
                let organization = TestOrganization(server)
                let key = try await organization.createKey(["agents:read", "events:read"])
                let elsewhere = APIClient(second, token: key.secret)
                let stream = try await watch.dashboard(elsewhere)
                let others = try await watch.dashboard(organization.at(second))
                #expect(try await key.client.get(Self.agents).status == 200)
                // Without a pause, so that it is remembered as freshly as can be when it ends.
                let using = Task {
                    while !Task.isCancelled { _ = try await elsewhere.get(Self.agents) }
                }
                _ = try await organization.admin.delete("\(Self.keys)/\(key.id)").data()
                let revoked = ContinuousClock.now
                for client in [elsewhere, key.client] {
                    #expect(try await client.refused(Self.agents) == "401 api_key_revoked")
                    let took = ContinuousClock.now - revoked
                    #expect(took < .seconds(5), "refused after \(took)")
                }
                try await poll("the stream ends") { stream.hasEnded ? () : nil }
                let took = ContinuousClock.now - revoked
                #expect(took < .seconds(5), "the stream ended after \(took)")
                #expect(!others.hasEnded)
                using.cancel()
                _ = await using.result
            }
        }
    }

    @Test("A key has its own limit, which is told; it opens the dashboard stream; its last use is shown")
    func use() async throws {
        let organization = TestOrganization(try .current)
        let limited = try await organization.createKey(["agents:read"], [("rate_limit", 3)])
        var answers: [APIResponse] = []
        // Where Redis was too slow once, this process has counted as many again.
        while answers.count < 7, answers.last?.status != 429 {
            answers.append(try await limited.client.get(Self.agents))
        }
        #expect(answers.prefix(3).map(\.status) == [200, 200, 200])
        #expect(answers[0].header("RateLimit-Policy") == "\"key\";q=3;w=60")
        #expect(answers.last?.errorCode == "rate_limited" && answers.last?.header("Retry-After") != nil)

        let watching = try await organization.createKey(["events:read"])
        let types = try await watching.client.events("/api/v2/events/dashboard") { reader in
            try await reader.frames { $0.json?["type"] == "system_update" }.compactMap { $0.json?["type"]?.string }
        }
        #expect(types == ["connection_established", "system_update"])
        _ = try await poll("the last use is written down") {
            let key = try await organization.admin.get("\(Self.keys)/\(watching.id)").data()
            return key["last_used_at"]?.string
        }
    }
}

extension APIClient {
    /// Status and code of the first answer that is a refusal.
    fileprivate func refused(_ path: String) async throws -> String {
        try await poll("\(path) is refused", within: .seconds(8)) {
            let response = try await get(path)
            return response.status == 200 ? nil : "\(response.status) \(response.errorCode ?? "?")"
        }
    }

    fileprivate func chatStatus(_ agentID: String, conversationID: String) async throws -> Int {
        let body: JSON = [
            "messages": [["role": "user", "content": "Oi"]], "conversation_id": .string(conversationID),
        ]
        return try await post("/api/v2/agents/\(agentID)/chat/stream", body).status
    }
}

/// In all that keys and repetitions are kept in.
private struct CountRowsWith: Statement {
    static let sql = """
        SELECT (SELECT count(*) FROM tenancy.api_key k WHERE k::text LIKE '%' || $1 || '%')
            + (SELECT count(*) FROM tenancy.idempotency_key WHERE position(convert_to($1, 'UTF8') IN body) > 0)
        """
    let text: String
    var bindings: Bindings { [text] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
