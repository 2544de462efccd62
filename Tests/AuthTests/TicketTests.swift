@testable internal import Auth
internal import Postgres
internal import Primitives
internal import Secrets
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite("Tickets are verified", .database)
struct TicketTests {
    @Test("A ticket's text has 131 random bits and its tenant, and is no API key, as no key is a ticket")
    func form() throws {
        let tenantID = TenantID(clerkOrganizationID: "org_loja")
        let token = TicketToken(newFor: tenantID)
        let text = token.text.exposed
        #expect(text.wholeMatch(of: /adc_tk_[0-9A-Za-z]{58}/) != nil && text.utf8.count == TicketToken.length)
        #expect(TicketForm.secretLength == 22, "5.954 bits each")
        let read = try TicketToken(text)
        #expect(read.tenantID == tenantID && read.prefix == token.prefix && read.digest == token.digest)
        #expect(throws: Fault.self) { try APIKeyToken(text) }
        let error = #expect(throws: Fault.self) { try TicketToken(APIKeyToken(newFor: tenantID).text.exposed) }
        #expect(error?.code == .ticketMalformed)
    }

    @Test("A ticket is its maker's, as a member without permissions, and for what it was made for")
    func valid() async throws {
        let bench = try await TicketBench()
        let agentID = AgentID.next()
        let topics = TicketTopics(types: ["lead_captured", "conversion_recorded"], agentID: agentID)
        let ticket = try await bench.create(topics)
        let pass = try await bench.service.verify(ticket.text, isResumption: false)
        #expect(pass.tenantID == bench.tenantID && pass.ticketID == ticket.id && pass.topics == topics)
        let person = Principal.Person(userID: "user_ana", sessionID: "sess_1", role: .member, permissions: [])
        #expect(pass.person == person)
        #expect(try await bench.service.verify(bench.create().text, isResumption: false).topics == TicketTopics())
    }

    @Test("Of its text only the hash is stored, and it expires a minute after its making")
    func row() async throws {
        let bench = try await TicketBench()
        let ticket = try await bench.create()
        let row = try #require(try await bench.rows().first)
        #expect(row.contains(SHA256.digest(ticket.text.utf8).hexadecimal))
        #expect(!row.contains(ticket.text) && !row.contains(ticket.text.suffix(28)))
        #expect(try await bench.secondsUntil(ticket.expiresAt) == 60)
    }

    @Test("Unknown, of another tenant or with another secret is all the same")
    func invented() async throws {
        let bench = try await TicketBench()
        let other = try await TicketBench(organization: "org_other")
        let text = try await bench.create().text
        let foreign = TicketToken(newFor: other.tenantID).text.exposed
        let moved = "\(text.prefix(7))\(foreign.dropFirst(7).prefix(22))\(text.dropFirst(29).dropLast(6))".withChecksum
        let guessed = "\(text.prefix(37))\(String(decoding: Base62.random(22), as: UTF8.self))".withChecksum
        for wrong in [foreign, moved, guessed, TicketToken(newFor: bench.tenantID).text.exposed] {
            #expect(await bench.refusal(of: wrong) == .ticketInvalid)
        }
        #expect(await bench.refusal(of: text.dropLast() + "_") == .ticketMalformed)
        #expect(await bench.refusal(of: text) == nil)
    }

    @Test("To the microsecond: 60 s unused, 12 h used, and between them only with a place to go on from")
    func moments() {
        func refusal(_ age: Duration, used passAge: Duration? = nil, isResumption: Bool = false) -> Fault.Code? {
            let ticket = StoredTicket(
                id: .next(),
                digest: [],
                userID: "",
                sessionID: nil,
                topics: TicketTopics(),
                age: age,
                passAge: passAge
            )
            do throws(Fault) {
                try ticket.admit(isResumption: isResumption)
                return nil
            } catch {
                return error.code
            }
        }
        let (minute, halfDay, instant) = (Duration.seconds(60), Duration.seconds(43_200), Duration.microseconds(1))
        #expect(refusal(minute - instant) == nil && refusal(minute) == .ticketExpired)
        #expect(refusal(minute, isResumption: true) == .ticketExpired)
        #expect(refusal(minute - instant, used: instant) == nil && refusal(minute, used: instant) == .ticketUsed)
        #expect(refusal(minute, used: instant, isResumption: true) == nil)
        #expect(refusal(halfDay, used: halfDay - instant, isResumption: true) == nil)
        #expect(refusal(halfDay, used: halfDay, isResumption: true) == .ticketExpired)
    }

    @Test("Used or not, what is too late is refused; only a used one with a place to go on from lives on, for 12 hours")
    func times() async throws {
        let bench = try await TicketBench()
        let (unused, used) = (try await bench.create(), try await bench.create())
        _ = try await bench.passes.open(bench.service.verify(used.text, isResumption: false)) {}
        func refusals(after seconds: Int) async throws -> [Fault.Code?] {
            try await bench.shift(by: seconds)
            return [
                await bench.refusal(of: unused.text), await bench.refusal(of: used.text),
                await bench.refusal(of: used.text, isResumption: true),
            ]
        }
        #expect(try await refusals(after: 20) == [nil, nil, nil])
        #expect(await bench.refusal(of: unused.text, isResumption: true) == nil)
        #expect(try await refusals(after: 50) == [.ticketExpired, .ticketUsed, nil])
        #expect(await bench.refusal(of: unused.text, isResumption: true) == .ticketExpired)
        #expect(try await refusals(after: 43_200 - 130) == [.ticketExpired, .ticketUsed, nil])
        #expect(try await refusals(after: 60) == [.ticketExpired, .ticketExpired, .ticketExpired])
    }

    @Test("What has been over for a week is deleted; what a page may still be open with is not")
    func forgetting() async throws {
        let bench = try await TicketBench()
        let old = try await bench.create()
        try await bench.shift(by: 43_261 + 7 * 86_400)
        let young = try await bench.create()
        try await ForgetTickets.forget(try TestDatabase.current.worker)
        #expect(await bench.refusal(of: old.text) == .ticketInvalid)
        #expect(await bench.refusal(of: young.text) == nil)
        try await bench.shift(by: 43_000 + 7 * 86_400)
        try await ForgetTickets.forget(try TestDatabase.current.worker)
        #expect(await bench.refusal(of: young.text) == .ticketExpired, "it is still there")
    }
}

/// An organisation with a member who makes tickets.
struct TicketBench {
    let database: TenantDatabase
    let service: TicketService
    let passes: StreamPasses
    let tenantID: TenantID

    init(organization: String = "org_tickets") async throws {
        database = TenantDatabase(pool: try TestDatabase.current.app)
        service = TicketService(database: database)
        passes = StreamPasses(database: database, logger: TokenFixture.logger)
        let claim = OrganizationClaim(clerkID: organization, slug: nil, person: Self.ana)
        tenantID = try await OrganizationDirectory(database: database).organization(for: claim).id
    }

    private static let ana = Principal.Person(userID: "user_ana", sessionID: "sess_1", role: .admin, permissions: [])

    func create(
        _ topics: TicketTopics = TicketTopics()
    ) async throws -> (id: TicketID, text: String, expiresAt: Timestamp) {
        let new = try await database.transaction(in: tenantID) {
            try await service.create(topics, for: Self.ana, in: $0)
        }
        return (new.id, try #require(new.text?.exposed), new.expiresAt)
    }

    /// nil for a ticket that is accepted.
    func refusal(of text: some StringProtocol, isResumption: Bool = false) async -> Fault.Code? {
        do {
            _ = try await service.verify(String(text), isResumption: isResumption)
            return nil
        } catch {
            return (error as? Fault)?.code
        }
    }

    /// Lets time pass for all tickets that there are.
    func shift(by seconds: Int) async throws {
        try await TestDatabase.current.administrator.unsafeScript(
            """
            UPDATE tenancy.ticket SET created_at = created_at - interval '\(seconds) seconds',
                first_used_at = first_used_at - interval '\(seconds) seconds'
            """
        )
    }

    /// Each ticket as text, with all of its columns.
    func rows() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectTickets())
    }

    /// From when the only ticket was made.
    func secondsUntil(_ time: Timestamp) async throws -> Double? {
        try await TestDatabase.current.administrator.query(SelectLifetime(until: time)).first
    }
}

private struct SelectTickets: Statement {
    static let sql = "SELECT ticket::text FROM tenancy.ticket"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct SelectLifetime: Statement {
    static let sql = "SELECT extract(epoch FROM $1 - created_at)::float8 FROM tenancy.ticket"
    let until: Timestamp
    var bindings: Bindings { [until] }
    static func decode(_ row: inout RowReader) throws -> Double { try row.read() }
}

extension TicketBench {
    /// Of the only ticket.
    func connection() async throws -> ConnectionID? {
        try await TestDatabase.current.administrator.query(SelectConnections()).first?.open
    }

    func claimant() async throws -> ConnectionID? {
        try await TestDatabase.current.administrator.query(SelectConnections()).first?.claimant
    }
}

private struct SelectConnections: Statement {
    static let sql = "SELECT connection_id, claimant_id FROM tenancy.ticket"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> (open: ConnectionID?, claimant: ConnectionID?) {
        (try row.read(ConnectionID?.self), try row.read(ConnectionID?.self))
    }
}
