internal import Auth
internal import NIOHTTP1
internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@Suite("Tickets", .server(), .timeLimit(.minutes(3)))
struct TicketTests {
    private static let path = "/api/v2/events/dashboard"

    @Test("A member makes one, an API key does not; its text is told once")
    func making() async throws {
        let organization = TestOrganization(try .current)
        let key = [("Idempotency-Key", "ingresso-1")]
        let made = try await organization.member.post("/api/v2/events/tickets", [:], key).data(201)
        let text = try #require(made["ticket"]?.string)
        #expect(text.wholeMatch(of: /adc_tk_[0-9A-Za-z]{58}/) != nil)
        #expect(
            made["expires_at"]?.string.flatMap(Timestamp.init) ?? .init(secondsSinceEpoch: 0) > WallClock.system.now()
        )
        let again = try await organization.member.post("/api/v2/events/tickets", [:], key).data(201)
        #expect(again["id"] == made["id"] && again["ticket"] == .null)
        let machine = try await organization.createKey()
        let refused = try await machine.client.post("/api/v2/events/tickets", [:])
        #expect(refused.status == 403 && refused.errorCode == "people_only")
        let wrong = try await organization.member.post("/api/v2/events/tickets", ["types": [], "lixo": 1])
        #expect(wrong.status == 422 && wrong.problemFields.sorted() == ["lixo", "types"])
        let nobody = try await organization.member.post(
            "/api/v2/events/tickets",
            ["agent_id": .string("\(RunID.next())")]
        )
        #expect(nobody.status == 404 && nobody.errorCode == "agent_not_found")
    }

    @Test("It opens the dashboard stream of its maker's organisation with GET, and nothing else in any place")
    func places() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let ticket = try await organization.ticket()
        let nobody = APIClient(server)
        for operation in try await APIDocument(of: server).tenantOperations where operation.path != Self.path {
            let path = try operation.path(Dictionary(uniqueKeysWithValues: operation.parameters.map { ($0.name, "x") }))
            let refused = try await nobody.send(operation.method, "\(path)?ticket=\(ticket)")
            #expect(refused.status == 401 && refused.errorCode == "token_missing", "\(operation): \(refused)")
        }
        #expect(try await nobody.send(.HEAD, "\(Self.path)?ticket=\(ticket)").status == 401)
        for path in ["/api/v2/agents", Self.path] {
            let refused = try await APIClient(server, token: ticket).get(path)
            #expect(refused.status == 401 && refused.errorCode == "api_key_malformed")
        }
        let greeting = try await nobody.events("\(Self.path)?ticket=\(ticket)") { reader in
            try await reader.frames { $0.json?["type"] == "system_update" }
        }
        #expect(greeting.count == 3 && greeting[0].id != nil)
    }

    @Test("It shows what it was made for, and takes no other wishes")
    func topics() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let start = try await organization.admin.events(Self.path) { try await $0.next()?.id }
        let shop = try await Shop.open(organization)
        let other = try await organization.admin.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        _ = try await organization.admin.chat(other, "Oi")
        let ticket = try await organization.ticket(["types": ["message_received"], "agent_id": .string(other)])
        let url = "\(Self.path)?ticket=\(ticket)"
        let refused = try await APIClient(server).get("\(url)&types=conversion_recorded&agent_id=\(shop.agentID)")
        #expect(refused.status == 422 && refused.problemFields == ["types", "agent_id"])
        #expect(!refused.text.contains(ticket))
        let told = try await APIClient(server).events(url, after: start) { reader in
            try await reader.frames { $0.json?["type"] == "message_received" }
        }
        .filter { $0.id != nil && $0.data != nil }
        #expect(told.compactMap { $0.json?["data"]?["agent_id"]?.string } == [other])
    }

    @Test(
        "Its URL goes on after Last-Event-ID for 12 hours, and without for a minute; what is over is refused for good"
    )
    func reopening() async throws {
        let server = try RunningServer.current
        let organization = TestOrganization(server)
        let url = "\(Self.path)?ticket=\(try await organization.ticket())"
        let unused = "\(Self.path)?ticket=\(try await organization.ticket())"
        let nobody = APIClient(server)
        let start = try await nobody.events(url) { try await $0.next()?.id }
        _ = try await nobody.events(url) { try await $0.next()?.id }
        let agentID = try await organization.admin.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
        _ = try await organization.admin.chat(agentID, "Oi")
        try await organization.shiftTickets(by: 61)
        for (path, code) in [(url, "ticket_used"), (unused, "ticket_expired")] {
            let refused = try await nobody.get(path)
            #expect(refused.status == 401 && refused.errorCode == code)
        }
        try await organization.shiftTickets(by: 43_200 - 120)
        let told = try await nobody.events(url, after: start) { reader in
            try await reader.frames { $0.json?["type"] == "message_completed" }.filter {
                $0.id != nil && $0.data != nil
            }
        }
        #expect(
            told.compactMap { $0.json?["type"]?.string }
                == ["conversation_started", "message_received", "message_completed"]
        )
        try await organization.shiftTickets(by: 120)
        let over = try await nobody.get(url, [("Last-Event-ID", start ?? "")])
        #expect(over.status == 401 && over.errorCode == "ticket_expired")
    }

    @Test("Over the limit of open streams the next one is told so within its stream, and to come later")
    func limit() async throws {
        try await RunningServer.current.program.serving(["LIVE_STREAMS_USER": "2"]) { server in
            try await StreamWatch.during { watch in
                let organization = TestOrganization(server)
                let (one, two) = (
                    try await watch.dashboard(organization.admin), try await watch.dashboard(organization.admin)
                )
                let url = "\(Self.path)?ticket=\(try await organization.ticket())"
                let frames = try await APIClient(server).events(url) { try await $0.rest() }
                #expect(frames.count == 2)
                #expect(frames.first?.json?["type"] == "connection_refused")
                #expect(frames.first?.json?["data"]?["code"] == "concurrency_limited")
                #expect(frames.last?.lines.first?.wholeMatch(of: /retry: 1[0-9]{4}/) != nil)
                #expect(!one.hasEnded && !two.hasEnded)
                _ = try await watch.dashboard(organization.member)
            }
        }
    }
}

/// Two servers on one database.
@Suite("A ticket on two servers", .timeLimit(.minutes(3)))
struct SharedTicketTests {
    @Test("A newer connection takes the place of an older one, on whichever server; no event is lost")
    func newerWins() async throws {
        try await Self.onTwoServers { first, second in
            try await StreamWatch.during { watch in
                let organization = TestOrganization(first)
                let url = "/api/v2/events/dashboard?ticket=\(try await organization.ticket())"
                let older = try await watch.dashboard(APIClient(first), at: url)
                let newer = try await watch.dashboard(APIClient(second), at: url)
                #expect(older.hasEnded)
                let farewell = older.frames.suffix(2)
                #expect(farewell.first?.json?["data"]?["code"] == "stream_taken_over")
                #expect(farewell.last?.lines.first?.wholeMatch(of: /retry: 6[0-9]{4}/) != nil)
                let agentID = try await organization.admin.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
                _ = try await organization.admin.chat(agentID, "Oi")
                try await poll("the newer one tells") { newer.count(of: "message_completed") > 0 ? () : nil }
                let again = try await watch.dashboard(APIClient(second), at: url)
                #expect(newer.hasEnded && !again.hasEnded)
            }
        }
    }

    @Test("Of 100 tries at once, one is open in the end, and it tells what happens", .timeLimit(.minutes(3)))
    func concurrentTries() async throws {
        try await Self.onTwoServers { first, second in
            try await StreamWatch.during { watch in
                let organization = TestOrganization(first)
                let url = "/api/v2/events/dashboard?ticket=\(try await organization.ticket())"
                let tries = (0..<100).map { watch.start(APIClient($0 % 2 == 0 ? first : second), at: url) }
                try await poll("99 are over", within: .seconds(60)) {
                    tries.count(where: \.hasEnded) >= 99 ? () : nil
                }
                let agentID = try await organization.admin.post("/api/v2/agents", Shop.agent(baseID: nil)).id(201)
                _ = try await organization.admin.chat(agentID, "Oi")
                try await poll("one tells") {
                    tries.count { !$0.hasEnded && $0.count(of: "message_completed") == 1 } == 1 ? () : nil
                }
                #expect(tries.count(where: \.hasEnded) == 99)
                for stream in tries where stream.hasEnded {
                    #expect(stream.frames.contains { $0.json?["data"]?["code"] == "stream_taken_over" })
                }
            }
        }
    }

    @Test(
        "Whoever is no longer let in: the stream closes on every server, and its ticket is refused",
        arguments: Revoked.allCases
    )
    func revoked(_ revoked: Revoked) async throws {
        try await Self.onTwoServers { first, second in
            try await StreamWatch.during { watch in
                let organization = TestOrganization(first)
                let urls = try await [organization.ticket(), organization.ticket()].map {
                    "/api/v2/events/dashboard?ticket=\($0)"
                }
                let streams = try await [
                    watch.dashboard(APIClient(first), at: urls[0]), watch.dashboard(APIClient(second), at: urls[1]),
                ]
                let bystander = try await watch.dashboard(
                    APIClient(second),
                    at:
                        "/api/v2/events/dashboard?ticket=\(try await TestOrganization(second).ticket(user: "user_other"))"
                )
                try await revoked.happen(to: organization)
                for stream in streams {
                    try await poll("the stream is closed", within: .seconds(25)) { stream.hasEnded ? () : nil }
                }
                for (client, url) in [(APIClient(second), urls[0]), (APIClient(first), urls[1])] {
                    let refused = try await poll("the ticket is refused", within: .seconds(25)) {
                        let answer = try await client.get(url, [("Last-Event-ID", streams[0].frames.first?.id ?? "")])
                        return answer.status == 200 ? nil : answer
                    }
                    #expect(refused.status == 403 && refused.errorCode == revoked.code)
                }
                #expect(!bystander.hasEnded)
            }
        }
    }

    @Test("A session that ends takes its tickets with it; another session's go on")
    func session() async throws {
        try await Self.onTwoServers { first, second in
            try await StreamWatch.during { watch in
                let organization = TestOrganization(first)
                let ended = try await organization.ticket(session: "sess_1")
                let other = try await organization.ticket(session: "sess_2")
                let url = { (ticket: String) in "/api/v2/events/dashboard?ticket=\(ticket)" }
                let endedStream = try await watch.dashboard(APIClient(second), at: url(ended))
                let otherStream = try await watch.dashboard(APIClient(second), at: url(other))
                try await organization.deliver(
                    .session(.revoked, "sess_1", of: "user_admin", at: WallClock.system.now())
                )
                try await poll("the stream is closed", within: .seconds(25)) { endedStream.hasEnded ? () : nil }
                let refused = try await APIClient(second).get(url(ended), [("Last-Event-ID", "0-00000000")])
                #expect(refused.status == 401 && refused.errorCode == "session_ended")
                #expect(!otherStream.hasEnded)
            }
        }
    }

    private static func onTwoServers(
        _ body: @escaping @Sendable (RunningServer, RunningServer) async throws -> Void
    ) async throws {
        try await Program.deployed { program in
            try await program.serving(2) { servers in try await body(servers[0], servers[1]) }
        }
    }
}

extension TestOrganization {
    /// The text of a new ticket of the admin's.
    fileprivate func ticket(
        _ body: JSON = [:],
        user: String = "user_admin",
        session: String = "sess_development"
    ) async throws -> String {
        let client = APIClient(server, token: token(user: user, session: session))
        let made = try await client.post("/api/v2/events/tickets", body)
        guard let text = try made.data(201)["ticket"]?.string else { throw ProgramFailure("no ticket in \(made)") }
        return text
    }

    /// Lets time pass for its tickets.
    fileprivate func shiftTickets(by seconds: Int) async throws {
        try await server.program.database.administrator.unsafeScript(
            """
            UPDATE tenancy.ticket SET created_at = created_at - interval '\(seconds) seconds',
                first_used_at = first_used_at - interval '\(seconds) seconds'
            WHERE tenant_id = '\(tenantID)'
            """
        )
    }
}

extension EventReader {
    /// What comes until the server ends the stream.
    fileprivate mutating func rest() async throws -> [EventFrame] {
        var all: [EventFrame] = []
        while let frame = try await next() { all.append(frame) }
        return all
    }
}
