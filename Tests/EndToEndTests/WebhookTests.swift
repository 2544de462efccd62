internal import Auth
internal import Postgres
internal import Primitives
internal import Secrets
internal import TestSupport
internal import Testing

@Suite("Webhooks", .server(["OUTBOUND_ALLOW_LOOPBACK": "true"]), .timeLimit(.minutes(3)))
struct WebhookTests {
    @Test("What happens arrives once, signed with the secret and with our public key, and its delivery can be read")
    func delivery() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let admin = organization.admin
        try await HTTPReceiver.run { receiver in
            var arrivals = receiver.deliveries.makeAsyncIterator()
            let webhook = try await organization.createWebhook(
                at: receiver,
                [("events", ["conversion_*"]), ("headers", ["X-Loja": "SEGREDO-1"])]
            )
            let conversionID = try await organization.convert()
            let arrival = try #require(await arrivals.next())
            #expect(arrival.path == "/webhooks" && arrival.headers["x-loja"] == "SEGREDO-1")
            let headers = WebhookHeaders(.standard) { arrival.headers[$0] }
            #expect(try headers.areSigned(over: arrival.body, with: webhook.secret))
            #expect(try !headers.areSigned(over: arrival.body + [32], with: webhook.secret))

            let published = try await APIClient(server).get("/.well-known/webhook-keys.json")
            #expect(published.status == 200 && published.header("Cache-Control") == "public, max-age=3600")
            let keys = try (published.json?["keys"]?.array ?? []).map { try WebhookPublicKey($0["key"]?.string ?? "") }
            let verdict = StandardWebhooks.verify(
                headers,
                body: arrival.body,
                with: [],
                publicKeys: keys,
                now: WallClock.system.now()
            )
            guard case .accepted = verdict else { throw ProgramFailure("v1a: \(verdict)") }

            let event = try JSON.parse(arrival.body).root
            #expect(event["type"] == "conversion_recorded")
            #expect(event["data"]?["conversion_id"]?.string == conversionID)
            #expect(event["id"]?.string == headers.id)
            let path = "/api/v2/webhooks/\(webhook.id)/deliveries"
            let detail = try await poll("it is known to have arrived") {
                let detail = try await admin.get("\(path)/\(headers.id ?? "")").data()
                guard detail["state"] == "succeeded" else { return JSON?.none }
                return detail
            }
            #expect(detail["body"]?.string == String(decoding: arrival.body, as: UTF8.self))
            #expect(detail["attempt_count"] == 1 && detail["attempts"]?.array?.count == 1)
            let attempt = detail["attempts"]?.array?.first
            #expect(attempt?["outcome"] == "succeeded" && attempt?["response"]?["status"] == 200)
            #expect(attempt?["response"]?["address"] == "127.0.0.1")
            let listed = try await admin.get("\(path)?state=succeeded").json
            #expect(listed?["count"] == 1 && listed?["data"]?.array?.first?["id"] == detail["id"])
            #expect(try await admin.get("\(path)?state=failed").json?["count"] == 0)
            let shown = try await admin.get("/api/v2/webhooks/\(webhook.id)")
            #expect(try shown.data()["header_names"] == ["X-Loja"])
            #expect(!shown.text.contains("SEGREDO") && !shown.text.contains(webhook.secret))
        }
    }

    @Test(
        "A failed one is tried again, sent again by hand with the same id and bytes, and replayed after it was counted"
    )
    func failures() async throws {
        let organization = TestOrganization(try .current)
        let admin = organization.admin
        try await HTTPReceiver.run { receiver in
            var arrivals = receiver.deliveries.makeAsyncIterator()
            receiver.answer(.status(500))
            let webhook = try await organization.createWebhook(at: receiver, [("events", ["conversion_recorded"])])
            _ = try await organization.convert()
            let first = try #require(await arrivals.next())
            let id = try #require(first.headers["webhook-id"])
            let path = "/api/v2/webhooks/\(webhook.id)"
            let waiting = try await poll("its failure is known") {
                let detail = try await admin.get("\(path)/deliveries/\(id)").data()
                guard detail["attempts"]?.array?.first?["outcome"] == "failed" else { return JSON?.none }
                return detail
            }
            #expect(waiting["state"] == "pending" && waiting["next_attempt_at"]?.string != nil)
            #expect(waiting["attempts"]?.array?.first?["response"]?["status"] == 500)

            let since: JSON = ["since": "2020-01-01T00:00:00Z", "dry_run": true]
            let counted = try await admin.post("\(path)/replay", since).data(202)
            #expect(counted["total"] == 1 && counted["replay"] == .null)
            receiver.answer(.status(204))
            let again = try await admin.post("\(path)/deliveries/\(id)/redeliver", [:]).data(202)
            #expect(again["id"]?.string == id)
            let second = try #require(await arrivals.next())
            #expect(second.headers["webhook-id"] == id && second.body == first.body)
            let headers = WebhookHeaders(.standard) { second.headers[$0] }
            #expect(try headers.areSigned(over: second.body, with: webhook.secret))
            try await poll("it has arrived") {
                try await admin.get("\(path)/deliveries/\(id)").data()["state"] == "succeeded" ? () : nil
            }
            #expect(try await admin.post("\(path)/replay", since).data(202)["total"] == 0)

            receiver.answer(.status(500))
            _ = try await organization.convert()
            let third = try #require(await arrivals.next())
            receiver.answer(.status(200))
            let replay = try await admin.post("\(path)/replay", ["since": "2020-01-01T00:00:00Z"]).data(202)
            #expect(replay["total"] == 1)
            let replayID = replay["replay"]?["id"]?.string ?? ""
            let fourth = try #require(await arrivals.next())
            #expect(fourth.headers["webhook-id"] == third.headers["webhook-id"] && fourth.body == third.body)
            try await poll("the replay is over") {
                try await admin.get("\(path)/replays/\(replayID)").data()["finished_at"] == .null ? nil : ()
            }
        }
    }

    @Test("After a rotation both secrets sign; a test event goes to one endpoint only; deleted, nothing goes there")
    func rotation() async throws {
        let organization = TestOrganization(try .current)
        let admin = organization.admin
        try await HTTPReceiver.run { receiver in
            var arrivals = receiver.deliveries.makeAsyncIterator()
            let webhook = try await organization.createWebhook(at: receiver, [])
            let path = "/api/v2/webhooks/\(webhook.id)"
            let key = [("Idempotency-Key", "rotacao-1")]
            let rotated = try await admin.post("\(path)/rotate-secret", [:], key).data()
            let secret = try #require(rotated["secret"]?.string)
            #expect(secret != webhook.secret && rotated["previous_secret_until"]?.string != nil)
            #expect(try await admin.post("\(path)/rotate-secret", [:], key).data()["secret"] == .null)
            let sent = try await admin.post("\(path)/test", [:]).data(202)
            let arrival = try #require(await arrivals.next())
            let headers = WebhookHeaders(.standard) { arrival.headers[$0] }
            #expect(headers.id == sent["id"]?.string && sent["type"] == "webhook_test")
            for secret in [secret, webhook.secret] {
                #expect(try headers.areSigned(over: arrival.body, with: secret))
            }
            let other = try await organization.createWebhook(at: receiver, [])
            _ = try await admin.delete(path).data()
            #expect(try await admin.get(path).errorCode == "webhook_not_found")
            #expect(try await admin.get("\(path)/deliveries/\(headers.id ?? "")").errorCode == "webhook_not_found")
            _ = try await admin.post("/api/v2/webhooks/\(other.id)/test", [:]).data(202)
            let next = try #require(await arrivals.next())
            #expect(try WebhookHeaders(.standard) { next.headers[$0] }.areSigned(over: next.body, with: other.secret))
        }
    }

    @Test("Only who manages webhooks sees them; a change changes what it names, a replacement the rest too")
    func managing() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let admin = organization.admin
        for response in [
            try await organization.member.get("/api/v2/webhooks"),
            try await organization.member.post("/api/v2/webhooks", Shop.webhook),
        ] {
            #expect(response.status == 403 && response.errorCode == "permission_denied")
        }
        let body: JSON = [
            "name": "ERP", "url": "https://erp.example.com/a", "description": "Pedidos", "rate_limit": 5, "timeout": 3,
            "retry_count": 2, "is_active": false, "events": ["message_*", "lead_captured"], "ordering_key": "subject",
        ]
        let made = try await admin.post("/api/v2/webhooks", body).data(201)
        let path = "/api/v2/webhooks/\(made["id"]?.string ?? "")"
        for (name, value) in body.object?.members.map({ ($0.name, $0.value) }) ?? [] { #expect(made[name] == value) }
        let changed = try await admin.patch(path, ["rate_limit": .null, "is_active": true, "id": "ignorado"]).data()
        #expect(changed["ordering_key"] == "subject")
        #expect(changed["rate_limit"] == .null && changed["is_active"] == true && changed["timeout"] == 3)
        let replaced = try await admin.put(path, ["name": "CRM", "url": "https://crm.example.com"]).data()
        #expect(replaced["name"] == "CRM" && replaced["timeout"] == 15 && replaced["events"] == [])
        #expect(replaced["ordering_key"] == .null)
        #expect(replaced["description"] == "" && replaced["previous_secret_until"] == .null)
        let own = "whsec_" + Base64.standard.encode(SecureRandom.bytes(32))
        let withSecret = try await admin.patch(path, ["secret": .string(own)])
        #expect(try withSecret.data()["previous_secret_until"] != .null && !withSecret.text.contains(own))
        let page = try await admin.get("/api/v2/webhooks?limit=1").json
        #expect(page?["count"] == 1 && page?["data"]?.array?.first?["id"] == made["id"])
    }

    @Test("Who switches off what we have disabled has the last word: no probe enables it again")
    func switchedOff() async throws {
        let server = try RunningServer.current
        let admin = TestOrganization(server).admin
        let body: JSON = ["name": "ERP", "url": "https://erp.example.com/a"]
        let id = try await admin.post("/api/v2/webhooks", body).id(201)
        let path = "/api/v2/webhooks/\(id)"
        let changes = [
            { try await admin.patch(path, ["name": "CRM"]) }, { try await admin.patch(path, ["is_active": false]) },
            { try await admin.put(path, ["name": "ERP", "url": "https://erp.example.com/a", "is_active": false]) },
        ]
        for (change, isKept) in zip(changes, [true, false, false]) {
            try await server.program.database.administrator.unsafeScript(
                """
                UPDATE webhooks.endpoint SET is_active = true, disabled_at = now(), disabled_reason = 'failing',
                    failing_since = now() - interval '6 days', next_probe_at = now() + interval '1 hour'
                WHERE id = '\(id)'
                """
            )
            #expect(try await admin.get(path).data()["is_active"] == false)
            let changed = try await change().data()
            #expect(changed["is_active"] == false)
            #expect((changed["disabled"] != .null) == isKept)
        }
    }

    @Test("What is wrong is told all at once, and no secret with it")
    func hostile() async throws {
        let admin = TestOrganization(try .current).admin
        let wrong: JSON = [
            "name": "", "url": 7, "events": ["Nada!", 3], "retry_count": 10, "timeout": 0, "rate_limit": 1001,
            "is_active": "sim", "secret": "whsec_SEGREDO", "lixo": 1, "ordering_key": "agente",
            "headers": ["Webhook-Id": "x", "X-Chave": "SEGREDO\nX: y", "ruim ": "SEGREDO"],
        ]
        let refused = try await admin.post("/api/v2/webhooks", wrong)
        #expect(refused.status == 422 && !refused.text.contains("SEGREDO"))
        #expect(
            Set(refused.problemFields) == [
                "name", "url", "events[0]", "events[1]", "retry_count", "timeout", "rate_limit", "is_active", "secret",
                "lixo", "ordering_key", "headers.Webhook-Id", "headers.X-Chave", "headers.ruim ",
            ]
        )
        for body: JSON in [[:], ["since": "ontem"], ["since": "2020-01-01T00:00:00Z", "dry_run": 1]] {
            let path = "/api/v2/webhooks/\(WebhookID.next())/replay"
            #expect(try await admin.post(path, body).status == 422)
        }
    }

    @Test("A tool's target is found by no route, neither it nor what was sent there")
    func hidden() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let shop = try await Shop.open(organization)
        let kind = "kind = 'tool' WHERE id = '\(shop.webhookID)'"
        try await server.program.database.administrator.unsafeScript("UPDATE webhooks.endpoint SET \(kind)")
        let operations = try await APIDocument(of: server).tenantOperations.filter {
            $0.parameters.contains { $0.name == "webhook_id" }
        }
        #expect(operations.count >= 10, "the document was read")
        for operation in operations {
            let response = try await shop.send(operation, as: organization.admin)
            #expect(response.status == 404, "\(operation): \(response)")
        }
        #expect(try await organization.admin.get("/api/v2/webhooks").json?["count"] == 0)
    }

    @Test("A redirect to this machine is an answer as any other that is no success, and is not followed")
    func redirects() async throws {
        let organization = TestOrganization(try .current)
        try await LocalServer.run { target in
            try await HTTPReceiver.run { receiver in
                let webhook = try await organization.createWebhook(at: receiver, [])
                let path = "/api/v2/webhooks/\(webhook.id)"
                for status in [301, 302, 303, 307, 308] {
                    receiver.answer(.status(status, ["Location": "http://127.0.0.1:\(target.port)/"]))
                    let delivery = try await organization.admin.post("\(path)/test", [:]).id(202)
                    let attempt = try await poll("the attempt is over") {
                        let detail = try await organization.admin.get("\(path)/deliveries/\(delivery)").data()
                        return detail["state"] == "failed" ? detail["attempts"]?.array?.first : nil
                    }
                    #expect(attempt["response"]?["status"]?.integer == status)
                }
            }
            #expect(target.accepted == 0)
        }
    }
}

@Suite("Webhooks of a deleted organisation", .timeLimit(.minutes(3)))
struct StoppedWebhookTests {
    @Test("are sent no more: neither what happens, nor what was to be tried again")
    func deletedOrganization() async throws {
        try await Program.deployed(["OUTBOUND_ALLOW_LOOPBACK": "true"]) { program in
            try await program.serving { server in
                try await HTTPReceiver.run { receiver in
                    var arrivals = receiver.deliveries.makeAsyncIterator()
                    receiver.answer(.status(500))
                    let (organization, other) = (TestOrganization(server), TestOrganization(server))
                    let webhook = try await organization.createWebhook(
                        at: receiver,
                        [("events", ["conversion_recorded"])]
                    )
                    _ = try await organization.convert()
                    _ = await arrivals.next()
                    try await organization.deliver(
                        .organization(.deleted, organization.clerk, at: WallClock.system.now())
                    )
                    receiver.answer(.status(200))
                    // Its retry is due five seconds after the failure; another organisation's event comes later still.
                    try await poll("nothing of it waits any more", within: .seconds(40)) {
                        try await program.database.administrator.query(
                            CountPendingDeliveries(webhookID: webhook.id)
                        ) == [0] ? () : nil
                    }
                    let barrier = try await other.createWebhook(at: receiver, [])
                    _ = try await other.admin.post("/api/v2/webhooks/\(barrier.id)/test", [:]).data(202)
                    let next = try #require(await arrivals.next())
                    let headers = WebhookHeaders(.standard) { next.headers[$0] }
                    #expect(try headers.areSigned(over: next.body, with: barrier.secret))
                }
            }
        }
    }
}

extension TestOrganization {
    fileprivate func createWebhook(
        at receiver: HTTPReceiver,
        _ members: [(String, JSON)]
    ) async throws -> (id: String, secret: String) {
        let url = JSON.string("http://127.0.0.1:\(receiver.port)/webhooks")
        let body = JSON.object(JSONObject([("name", "ERP"), ("url", url)] + members))
        let made = try await admin.post("/api/v2/webhooks", body).data(201)
        guard let id = made["id"]?.string, let secret = made["secret"]?.string else {
            throw ProgramFailure("no webhook in \(made)")
        }
        return (id, secret)
    }

    /// Something happens; the id of the conversion.
    fileprivate func convert() async throws -> String {
        let agentID = try await admin.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        let conversation = try await admin.chat(agentID, "Oi").conversationID
        let body: JSON = ["conversation_id": .string(conversation), "value": "10.00"]
        return try await admin.post("/api/v2/conversions", body).id(201)
    }
}

extension WebhookHeaders {
    fileprivate func areSigned(over body: [UInt8], with secret: String) throws -> Bool {
        let verdict = StandardWebhooks.verify(
            self,
            body: body,
            with: [try WebhookSecret(secret)],
            now: WallClock.system.now()
        )
        if case .accepted = verdict { return true }
        return false
    }
}

private struct CountPendingDeliveries: Statement {
    static let sql = "SELECT count(*) FROM webhooks.delivery WHERE endpoint_id::text = $1 AND state = 'pending'"
    let webhookID: String
    var bindings: Bindings { [webhookID] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
