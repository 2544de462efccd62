internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

/// What the log, the metrics and Sentry say when something breaks, and what none of them may say.
@Suite("Failures")
struct FailureTests {
    private static let mark = "SEGREDO-7f3a"

    @Test(
        "A failure is one line with code, place, fingerprint, route and ids; it counts, Sentry is told, and nothing of the request is in any of them"
    )
    func internalError() async throws {
        try await HTTPReceiver.run { receiver in
            try await Program.deployed { program in
                let dsn = "http://chave@127.0.0.1:\(receiver.port)/42"
                try await program.serving(["SENTRY_DSN": dsn], allowing: ["internal_error"]) { server in
                    let organization = TestOrganization(server)
                    let client = organization.admin
                    let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
                    try await program.database.administrator.unsafeScript("ALTER TABLE agents.agent RENAME TO moved")
                    let body: JSON = [
                        "name": .string(Self.mark), "system_prompt": .string("\(Self.mark) \(Self.mark)"),
                    ]
                    let path = "/api/v2/agents/\(agentID)?ticket=\(Self.mark)"
                    let answer = try await client.patch(path, body)
                    #expect(answer.status == 500 && answer.errorCode == "internal_error", "\(answer)")
                    let requestID = try #require(answer.header("X-Request-Id"))

                    let line = try #require(
                        await server.log.line { $0.contains(requestID) && $0.contains("request failed") }
                    )
                    let entry = try JSON.parse(Array(line.utf8)).root
                    #expect(entry["level"] == "error" && entry["error_code"] == "internal_error")
                    #expect(entry["route"] == "/api/v2/agents/{agent_id}")
                    #expect(entry["tenant_id"]?.string == organization.tenantID.description)
                    #expect(entry["error"]?.string?.contains("42P01") == true)
                    let fingerprint = try #require(entry["fingerprint"]?.string)
                    let place = try #require(entry["place"]?.string)
                    // That line, and the access line.
                    _ = await server.log.line { $0.contains(requestID) && $0.contains(#""message":"request""#) }
                    #expect(server.log.lines.filter { $0.contains(requestID) }.count == 2)

                    let metrics = try await APIClient(server).get("/metrics").text
                    #expect(metrics.contains(#"errors_total{code="internal_error",place="\#(place)"} 1"#))

                    let delivery = try #require(await receiver.deliveries.first { _ in true })
                    let event = String(decoding: delivery.body, as: UTF8.self)
                    for known in [fingerprint, requestID, "42P01", "/api/v2/agents/{agent_id}"] {
                        #expect(event.contains(known), "\(known) in \(event)")
                    }
                    for secret in [Self.mark, agentID, "user_admin", "chave"] {
                        #expect(!event.contains(secret), "\(secret) in \(event)")
                    }
                    #expect(!server.log.text.contains(Self.mark))
                    #expect(!server.log.text.contains(agentID))
                }
            }
        }
    }

    @Test("An answer that fails while its caller waits for the whole of it is reported once")
    func failedRun() async throws {
        try await Program.deployed { program in
            try await program.serving { server in
                let client = TestOrganization(server).admin
                let baseID = try await client.post("/api/v2/knowledge/bases", ["name": "Loja"]).id(201)
                let agentID = try await client.post("/api/v2/agents", Shop.agent(baseID: baseID)).id(201)
                try await program.database.administrator.unsafeScript("ALTER TABLE knowledge.base RENAME TO moved")
                let question: JSON = [
                    "messages": [["role": "user", "content": .string(Self.mark)]], "streaming": false,
                ]
                let answer = try await client.post("/api/v2/agents/\(agentID)/chat/stream", question)
                #expect(answer.status == 502, "\(answer)")
                let requestID = try #require(answer.header("X-Request-Id"))
                _ = await server.log.line { $0.contains(requestID) && $0.contains(#""message":"request""#) }
                let told = server.log.lines.filter { $0.contains(requestID) && $0.contains("fingerprint") }
                #expect(told.count == 1 && told[0].contains("run failed"), "\(told)")
                #expect(!server.log.text.contains(Self.mark))
            }
        }
    }

    @Test("A flood of one failure is ten lines, and counts in full")
    func flood() async throws {
        try await Program.deployed { program in
            let log = try await program.serving(allowing: ["internal_error"]) { server in
                let client = TestOrganization(server).admin
                _ = try await client.get("/api/v2/agents").data()
                try await program.database.administrator.unsafeScript("ALTER TABLE agents.agent RENAME TO moved")
                for _ in 1...50 { #expect(try await client.get("/api/v2/agents").status == 500) }
                let metrics = try await APIClient(server).get("/metrics").text
                #expect(metrics.contains(/errors_total\{code="internal_error",place="[^"]+"\} 50/))
                return server.log
            }
            #expect(log.lines.filter { $0.contains("request failed") }.count == 10)
            let sum = try #require(log.lines.first { $0.contains("more of the same") })
            #expect(sum.contains(#""suppressed":"40""#), "\(sum)")
        }
    }

    @Test(
        "What a caller sends is not in the log: not tokens, tickets, cookies, bodies, queries, nor what stands in a path"
    )
    func accessLog() async throws {
        try await Program.deployed { program in
            try await program.serving { server in
                let organization = TestOrganization(server)
                let client = organization.admin
                let token = try #require(client.token)
                let headers = [
                    ("Cookie", "__session=\(Self.mark)"), ("X-Api-Key", Self.mark), ("User-Agent", Self.mark),
                    ("Idempotency-Key", Self.mark), ("Last-Event-ID", Self.mark), ("Referer", "http://x/\(Self.mark)"),
                    ("X-Forwarded-For", Self.mark),
                ]
                let anybody = APIClient(server)
                for path in [
                    "/\(Self.mark)", "/api/v2/agents?ticket=\(Self.mark)", "/api/v2/agents/\(Self.mark)",
                    "/api/v2/events/dashboard?last_event_id=\(Self.mark)", "/docs/\(Self.mark)",
                ] {
                    _ = try await client.get(path, headers)
                    _ = try await anybody.get(path, headers + [("Authorization", "Bearer \(Self.mark)")])
                    _ = try await anybody.get(path, headers + [("Authorization", "Basic \(Self.mark)")])
                }
                let agent = try await client.post("/api/v2/agents", ["name": .string(Self.mark)], headers)
                #expect(agent.status == 422)
                let upload = Upload(content: Array(Self.mark.utf8), fields: [("knowledge_base_id", Self.mark)])
                #expect(try await client.upload(upload, headers: headers).status == 422)
                #expect(try await anybody.post("/webhooks/clerk", [.string(Self.mark)], headers).status >= 400)
                let last = try await anybody.get("/health")
                let id = try #require(last.header("X-Request-Id"))
                _ = await server.log.line { $0.contains(id) }
                let text = server.log.text
                #expect(!text.contains(Self.mark) && !text.contains(token))
                #expect(text.contains(#""route":"/api/v2/agents/{agent_id}""#))
            }
        }
    }
}
