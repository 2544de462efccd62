internal import NIOHTTP1
internal import Primitives
internal import Testing

/// What holds for every address.
@Suite("HTTP", .server())
struct HTTPTests {
    @Test(
        "Every answer has a request id, and an error's envelope repeats it",
        arguments: ["/", "/nada", "/api/v2/agents"]
    )
    func requestID(_ path: String) async throws {
        let response = try await APIClient(.current).get(path)
        let id = try #require(response.header("X-Request-Id"))
        #expect(RequestID(id) != nil)
        guard response.status >= 400 else { return }
        #expect(response.json?["request_id"]?.string == id)
    }

    @Test(
        "Every answer says where its caller stands with the limits, whoever asked for whatever; but not a probe",
        arguments: [
            ("/", 200), ("/docs", 200), ("/nada", 404), ("/docs/nada", 404), ("/webhooks/clerk", 405),
            ("/api/v2/agents", 401), ("/api/v2/agents/x", 401), ("/api/v2/nada", 404), ("//health", 200),
            ("/health", nil), ("/ready", nil), ("/metrics", nil),
        ]
    )
    func limits(_ path: String, status: Int?) async throws {
        let client = APIClient(try .current)
        let response = try await client.get(path)
        if let status {
            #expect(response.status == status && response.header("RateLimit-Policy")?.hasPrefix("\"address\"") == true)
        } else {
            #expect(response.header("RateLimit") == nil)
        }
        let encoded = try await client.get(path, [("Content-Encoding", "gzip")])
        #expect(encoded.status == 415 && (encoded.header("RateLimit") == nil) == (status == nil))
    }

    @Test(
        "An address that does not exist is 404, whatever it looks like",
        arguments: [
            "/nada", "/api/v2", "/api/v2/", "/api/v2/nada", "/api/v3/agents", "/%2e%2e/etc/passwd", "/docs/../x",
            "/%00",
        ]
    )
    func unknownPaths(_ path: String) async throws {
        let response = try await TestOrganization(.current).admin.get(path)
        #expect(response.status == 404 && response.errorCode == "not_found", "\(response)")
    }

    @Test("Another method on a known address is 405 with the methods that it has; OPTIONS names them too")
    func methods() async throws {
        let server = try RunningServer.current
        let shop = try await Shop.open(TestOrganization(server))
        let operations = try await APIDocument(of: server).operations
        for (path, known) in Dictionary(grouping: operations, by: \.path) {
            var expected = Set(known.map(\.method.rawValue))
            if expected.contains("GET") { expected.insert("HEAD") }
            let address = try known[0].path(shop.ids.merging(["file": "favicon.png"]) { old, _ in old })
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] where !expected.contains(method) {
                let response = try await shop.organization.admin.send(HTTPMethod(rawValue: method), address)
                #expect(
                    response.status == 405 && response.errorCode == "method_not_allowed",
                    "\(method) \(path): \(response)"
                )
                #expect(response.allowed == expected, "\(method) \(path)")
            }
            let options = try await APIClient(server).send(.OPTIONS, address)
            #expect(options.status == 204 && options.allowed == expected, "OPTIONS \(path): \(options)")
        }
    }

    @Test("HEAD answers like GET without a body")
    func head() async throws {
        let client = TestOrganization(try .current).admin
        for path in ["/", "/health", "/openapi.json", "/docs", "/api/v2/agents", "/api/v2/settings"] {
            let get = try await client.get(path)
            let head = try await client.send(.HEAD, path)
            #expect(head.status == get.status && head.body.isEmpty, "\(path)")
            #expect(head.header("Content-Type") == get.header("Content-Type"), "\(path)")
        }
    }

    @Test("A page of an allowed origin may read answers and their headers; of another origin not")
    func cors() async throws {
        let client = TestOrganization(try .current).admin
        let allowed = try await client.get("/api/v2/agents", [("Origin", Program.allowedOrigin)])
        #expect(allowed.header("Access-Control-Allow-Origin") == Program.allowedOrigin)
        #expect(allowed.header("Access-Control-Allow-Credentials") == "true")
        #expect(allowed.header("Vary")?.contains("Origin") == true)
        let exposed = Set(
            (allowed.header("Access-Control-Expose-Headers") ?? "").split(separator: ",").map { $0.drop { $0 == " " } }
        )
        #expect(
            exposed.isSuperset(of: [
                "X-Request-Id", "X-Run-Id", "X-Conversation-Id", "RateLimit", "RateLimit-Policy", "Retry-After",
            ])
        )

        let preflight = [
            ("Origin", Program.allowedOrigin), ("Access-Control-Request-Method", "PATCH"),
            ("Access-Control-Request-Headers", "authorization, content-type, idempotency-key"),
        ]
        let answer = try await APIClient(.current).send(
            .OPTIONS,
            "/api/v2/agents/\(AgentID.next())",
            headers: preflight
        )
        #expect(answer.status == 204)
        #expect(answer.header("Access-Control-Allow-Methods")?.contains("PATCH") == true)
        let headers = answer.header("Access-Control-Allow-Headers")?.lowercased() ?? ""
        #expect(["authorization", "content-type", "idempotency-key"].allSatisfy(headers.contains))

        let refused = try await client.get("/api/v2/agents", [("Origin", "https://mal.example")])
        #expect(refused.header("Access-Control-Allow-Origin") == nil)
        #expect(refused.header("Access-Control-Allow-Credentials") == nil)
    }

    @Test("Every answer of the API says where the caller stands with its limits")
    func limits() async throws {
        let response = try await TestOrganization(.current).admin.get("/api/v2/agents")
        #expect(response.header("RateLimit-Policy")?.contains(/"[a-z]+";q=[0-9]+;w=60/) == true)
        #expect(response.header("RateLimit")?.contains(/"[a-z]+";r=[0-9]+;t=[0-9]+/) == true)
    }

    @Test("Errors are in Portuguese unless English is preferred")
    func language() async throws {
        let client = TestOrganization(try .current).admin
        let path = "/api/v2/agents/\(AgentID.next())"
        #expect(try await client.get(path).json?["error"] == "Agente não encontrado.")
        #expect(
            try await client.get(path, [("Accept-Language", "en-US,en;q=0.9")]).json?["error"] == "Agent not found."
        )
        let both = [("Accept-Language", "pt-BR;q=0.9,en;q=0.8")]
        #expect(try await client.get(path, both).json?["error"] == "Agente não encontrado.")
    }

    @Test("Health, readiness, version and metrics answer without a credential")
    func service() async throws {
        let anybody = APIClient(try .current)
        #expect(try await anybody.get("/health").json?["status"] == "ok")
        let ready = try await anybody.get("/ready")
        #expect(ready.status == 200 && ready.json?["status"] == "ready")
        #expect(try await anybody.get("/").json?["name"] == "agentes-de-conversao")
        let health = try await anybody.get("/api/v2/health").json
        #expect(health?["status"] == "healthy" && health?["services"] != nil && health?["features"] != nil)
        let metrics = try await anybody.get("/metrics")
        #expect(metrics.status == 200 && metrics.text.contains("http_requests_total"))
        #expect(metrics.text.contains(/postgres_pool_open\{pool="app"\} [1-9]/))
        #expect(metrics.text.contains("redis_connected 1"))
        #expect(try await anybody.get("/metrics", [("X-Forwarded-For", "203.0.113.7")]).status == 404)
    }

    @Test("What no client of good manners sends is refused, and the server goes on", arguments: RawRequest.all)
    func manners(_ raw: RawRequest) async throws {
        let server = try RunningServer.current
        let token = TestOrganization(server).token()
        let answer = try await server.answer(to: raw.text.replacing("TOKEN", with: token))
        let status = answer.firstMatch(of: #/^HTTP/1\.1 ([0-9]{3}) /#).flatMap { Int($0.1) }
        // Where the request is no HTTP at all, hanging up is an answer too.
        let isRefused = status.map { raw.statuses.contains($0) } ?? raw.mayHangUp
        #expect(isRefused, "\(raw): \(answer.prefix(300))")
        #expect(try await APIClient(server).get("/health").status == 200)
    }
}

@Suite("Limits", .server(["RATE_LIMIT_TENANT": "1000", "RATE_LIMIT_USER": "3"]))
struct LimitTests {
    @Test("Beyond its limit a user is told when to come back; another user of the organisation is not held up")
    func user() async throws {
        let organization = TestOrganization(try .current)
        let path = "/api/v2/agents"
        var refused: APIResponse?
        for _ in 0..<100 where refused == nil {
            let response = try await organization.admin.get(path)
            if response.status != 200 { refused = response }
        }
        let response = try #require(refused)
        #expect(response.status == 429 && response.errorCode == "rate_limited")
        let wait = try #require(response.header("Retry-After").flatMap { Int($0) })
        #expect((1...60).contains(wait))
        #expect(response.header("RateLimit")?.contains("r=0") == true)
        #expect(try await organization.member.get(path).status == 200)
        #expect(try await TestOrganization(.current).admin.get(path).status == 200)
    }
}

extension APIResponse {
    fileprivate var allowed: Set<String> {
        Set((header("Allow") ?? "").split(separator: ",").map { String($0.drop { $0 == " " }) })
    }
}
