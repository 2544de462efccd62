internal import Auth
internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@Suite(
    "Wrong credentials",
    .server(["TRUSTED_PROXY_HOPS": "1", "RATE_LIMIT_FAILED_AUTHENTICATION": "10"])
)
struct FailedAuthenticationTests {
    private static let path = "/api/v2/agents"

    /// An address that nobody else sends from.
    private static func address() -> String {
        "10.\(Int.random(in: 0...255)).\(Int.random(in: 0...255)).\(Int.random(in: 1...254))"
    }

    private static func from(_ address: String) -> [(String, String)] { [("X-Forwarded-For", address)] }

    @Test(
        "Guesses from one address are answered so often and no more; then nothing from there goes on, elsewhere all does"
    )
    func guesses() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let attacker = Self.address()
        let start = ContinuousClock.now
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<40 {
                group.addTask {
                    let guess = APIClient(server, token: organization.token() + "\(number)")
                    return try await guess.get(Self.path, Self.from(attacker)).status
                }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        // On a starved machine Redis may answer too late, and what is counted without it is counted apart; and one guess
        // comes back every six seconds.
        let more = try await server.rateLimitFallbacks() + Int(start.duration(to: .now) / .seconds(6))
        #expect(Set(statuses.keys) == [401, 429] && (10...10 + more).contains(statuses[401] ?? 0), "\(statuses)")
        let refused = try await organization.admin.get(Self.path, Self.from(attacker))
        #expect(refused.status == 429 && refused.errorCode == "rate_limited")
        #expect(refused.header("Retry-After").flatMap { Int($0) }.map { (1...6).contains($0) } == true)
        #expect(refused.header("RateLimit-Policy") == "\"failed-authentication\";q=10;w=60")
        // Nor does a guess help beside it, nor a key, nor many at once over one connection, of which the first is told.
        let (token, host) = (organization.token(), [("Sec-Fetch-Site", "same-origin")] + Self.from(attacker))
        for cookie in ["__session_a=\(token)1; __session=\(token)", "__session=\(token)"] {
            let refused = try await APIClient(server).get(Self.path, host + [("Cookie", cookie)])
            #expect(refused.status == 429, "\(refused)")
        }
        #expect(try await organization.createKey().client.get(Self.path, Self.from(attacker)).status == 429)
        let request = "GET \(Self.path) HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: \(attacker)\r\n\r\n"
        let answers = try await server.answer(to: String(repeating: request, count: 50))
        #expect(answers.hasPrefix("HTTP/1.1 429 ") && answers.contains("\r\nConnection: close\r\n"), "\(answers)")
        #expect(answers.split(separator: "HTTP/1.1 ").count == 1, "\(answers)")
        // What stands further left, anybody can write.
        let disguised = try await organization.admin.get(Self.path, Self.from("\(Self.address()), \(attacker):443"))
        #expect(disguised.status == 429)
        #expect(try await organization.admin.get(Self.path, Self.from(Self.address())).status == 200)
    }

    @Test("A locked out address is, however the path is spelled and whatever is asked for; its streams come later")
    func spellings() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let attacker = Self.address()
        let guess = APIClient(server, token: organization.token() + "1")
        // One guess comes back every six seconds.
        func lockOut() async throws {
            while try await guess.get(Self.path, Self.from(attacker)).status != 429 {}
        }
        for path in ["//api/v2/agents", "/api//v2/agents/", "//webhooks/clerk", "/docs/redoc.standalone.js", "/none"] {
            try await lockOut()
            #expect(try await organization.admin.get(path, Self.from(attacker)).status == 429, "\(path)")
        }
        #expect(try await organization.admin.get("/ready", Self.from(attacker)).status == 200)
        // An event stream is told to come later, a HEAD of it without the body that would be taken for another answer.
        let lines = ["GET /api/v2/events/dashboard", "GET //api/v2/events/dashboard/", "HEAD /api/v2/events/dashboard"]
        for line in lines {
            try await lockOut()
            let headers = "Host: a\r\nX-Forwarded-For: \(attacker)\r\nConnection: close"
            let answer = try await server.answer(to: "\(line) HTTP/1.1\r\n\(headers)\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 ") && answer.contains("text/event-stream"), "\(line): \(answer)")
            #expect(answer.hasSuffix("\r\n\r\n") == line.hasPrefix("HEAD"), "\(line): \(answer)")
        }
    }

    @Test("A token that has expired, or none, is no guess")
    func noGuess() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let address = Self.address()
        let expired = APIClient(server, token: organization.token(lifetime: .seconds(-3600)))
        for client in [expired, APIClient(server)] {
            for _ in 0..<12 { #expect(try await client.get(Self.path, Self.from(address)).status == 401) }
        }
        #expect(try await organization.admin.get(Self.path, Self.from(address)).status == 200)
    }

    @Test("Nor is a session that has ended, nor a ticket that is over")
    func leftOpen() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let address = Self.address()
        let signedOut = APIClient(server, token: organization.token(session: "sess_ended"))
        let ticket = try await signedOut.post("/api/v2/events/tickets", [:]).data(201)["ticket"]?.string ?? ""
        let stream = "/api/v2/events/dashboard?ticket=\(ticket)"
        try await organization.deliver(.session(.revoked, "sess_ended", of: "user_admin", at: WallClock.system.now()))
        try await poll("the session has ended", within: .seconds(25)) {
            try await signedOut.get(Self.path, Self.from(Self.address())).errorCode == "session_ended" ? () : nil
        }
        for _ in 0..<6 {
            let refused = try await signedOut.get(Self.path, Self.from(address))
            #expect(refused.errorCode == "session_ended", "\(refused)")
            let pass = try await APIClient(server).get(stream, Self.from(address) + [("Last-Event-ID", "0-00000000")])
            #expect(pass.errorCode == "session_ended", "\(pass)")
        }
        // The hourly job, days later.
        try await server.program.database.administrator.unsafeScript(
            """
            UPDATE tenancy.ticket SET created_at = created_at - interval '6 days',
                first_used_at = first_used_at - interval '6 days' WHERE tenant_id = '\(organization.tenantID)'
            """
        )
        for _ in 0..<12 {
            let over = try await APIClient(server).get(stream, Self.from(address) + [("Last-Event-ID", "0-00000000")])
            #expect(over.errorCode == "ticket_expired", "\(over)")
        }
        #expect(try await organization.admin.get(Self.path, Self.from(address)).status == 200)
    }

    @Test("A key or a ticket that was never made is a guess", arguments: Guess.allCases)
    func guess(_ guess: Guess) async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let address = Self.address()
        let (path, client, code) = try await guess.request(of: organization)
        var answers: [APIResponse] = []
        for _ in 0..<15 { answers.append(try await client.get(path, Self.from(address))) }
        #expect(answers.first?.errorCode == code, "\(answers)")
        // A stream tells it within itself.
        #expect(answers.last?.errorCode != code, "\(answers)")
        #expect(try await organization.admin.get(Self.path, Self.from(address)).status == 429)
    }

    enum Guess: CaseIterable {
        case malformedKey, unknownKey, malformedTicket, unknownTicket

        /// - Returns: a path, who asks for it, and what the first answer is.
        fileprivate func request(of organization: TestOrganization) async throws -> (String, APIClient, String) {
            let (server, path) = (organization.server, FailedAuthenticationTests.path)
            let stream = "/api/v2/events/dashboard?ticket="
            let database = server.program.database.administrator
            switch self {
            case .malformedKey: return (path, APIClient(server, token: "adc_sk_live_x"), "api_key_malformed")
            case .malformedTicket: return ("\(stream)adc_tk_x", APIClient(server), "ticket_malformed")
            case .unknownKey:
                let key = try await organization.createKey()
                // As if it were another installation's.
                try await database.unsafeScript("DELETE FROM tenancy.api_key WHERE id = '\(key.id)'")
                return (path, key.client, "api_key_invalid")
            case .unknownTicket:
                let ticket = try await organization.admin.post("/api/v2/events/tickets", [:]).data(201)["ticket"]?
                    .string
                try await database.unsafeScript(
                    "DELETE FROM tenancy.ticket WHERE tenant_id = '\(organization.tenantID)'"
                )
                return (stream + (ticket ?? ""), APIClient(server), "ticket_invalid")
            }
        }
    }

    @Test(
        "Whatever stands in X-Forwarded-For, a request is counted",
        arguments: [
            "", ",", ", ,", "unknown", "1.2.3", "999.1.1.1", "[::1", "::1]", "1.2.3.4:99999", "1.2.3.4 5.6.7.8",
            "for=1.2.3.4", "\"1.2.3.4\"", "a,b,c", String(repeating: "1.2.3.4,", count: 1000),
        ]
    )
    func hostile(header: String) async throws {
        let response = try await TestOrganization(.current).admin.get(Self.path, Self.from(header))
        #expect(response.status == 200 && response.header("RateLimit") != nil)
    }
}
