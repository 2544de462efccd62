internal import Events
internal import Postgres
internal import Primitives
internal import Secrets
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs
@testable internal import Webhooks

@Suite("Deliveries", .database, .timeLimit(.minutes(2)))
struct DeliveryTests {
    @Test("A-1: an event has one delivery for each endpoint that is on and wants it when the relay takes it")
    func oneEach() async throws {
        let house = try WebhookHouse(try TestDatabase.current)
        let all = try await house.make("http://127.0.0.1:9000/a")
        let exact = try await house.make("http://127.0.0.1:9000/b", events: ["lead_captured"])
        let prefix = try await house.make("http://127.0.0.1:9000/c", events: ["human_requested", "message_*"])
        let star = try await house.make("http://127.0.0.1:9000/d", events: ["*"])
        let off = try await house.make("http://127.0.0.1:9000/e", isActive: false)
        try await house.happen(.messageReceived)
        try await house.happen(.leadCaptured)
        try await house.happen(.toolCalled, count: 2)
        try await house.relay()
        #expect(try await house.states(of: all).count == 4)
        #expect(try await house.states(of: exact).count == 1)
        #expect(try await house.states(of: prefix).count == 1)
        #expect(try await house.states(of: star).count == 4)
        #expect(try await house.states(of: off) == [])
        let late = try await house.make("http://127.0.0.1:9000/f")
        try await house.relay()
        #expect(try await house.states(of: late) == [])
        #expect(try await house.count(.jobs) == 10)
    }

    @Test("A-1: what is rolled back, or not for tenants, has no delivery; another tenant's endpoint gets none")
    func none() async throws {
        struct Undone: Error {}
        let house = try WebhookHouse(try TestDatabase.current)
        let other = try WebhookHouse(try TestDatabase.current)
        try await house.make("http://127.0.0.1:9000/")
        try await other.make("http://127.0.0.1:9000/")
        await #expect(throws: Undone.self) {
            try await house.write { transaction in
                try await transaction.append(Event(.toolCalled, data: [:], occurredAt: WallClock.system.now()))
                throw Undone()
            }
        }
        try await house.write { transaction in
            let now = WallClock.system.now()
            try await transaction.append(Event(.toolCalled, data: [:], audience: .internal, occurredAt: now))
        }
        try await house.relay()
        #expect(try await house.count(.deliveries) == 0)
        try await other.happen()
        try await house.relay()
        #expect(try await house.count(.deliveries) == 1)
    }

    @Test("A-1: a relay that fails after it made deliveries has made none, and the next one makes them")
    func atomic() async throws {
        struct Broken: RelayConsumer, Error {
            func take(_ events: [RelayedEvent], in transaction: PostgresTransaction) async throws
                -> (@Sendable () -> Void)?
            {
                _ = try await WebhookRelay().take(events, in: transaction)
                throw self
            }
        }
        let house = try WebhookHouse(try TestDatabase.current)
        try await house.make("http://127.0.0.1:9000/")
        try await house.happen(count: 3)
        let broken = Relay(pool: house.test.worker, consumer: Broken(), logger: TestDatabase.logger) {}
        await #expect(throws: Broken.self) { try await broken.relay() }
        #expect(try await house.count(.deliveries) == 0)
        #expect(try await house.count(.jobs) == 0)
        try await house.relay()
        #expect(try await house.count(.deliveries) == 3)
    }

    @Test(
        "A receiver gets the dashboard's JSON with the event's data byte for byte, signed twice, with its own headers"
    )
    func letter() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let secret = WebhookSecret.generate()
            let header = try WebhookHeader(name: "X-Loja", value: "segredo 42")
            let endpoint = try await house.make(inbox.url, headers: [header], secret: secret)
            let event = Event(
                .messageReceived,
                data: [
                    "b": "olá \u{1F600}", "a": .number(JSONNumber(1)), "valor": .number(try #require(JSONNumber(1.5))),
                ],
                occurredAt: WallClock.system.now()
            )
            try await house.write { try await $0.append(event) }
            try await house.settle()
            let letter = try #require(inbox.letters.first)
            #expect(inbox.letters.count == 1)
            #expect(
                letter.text == """
                    {"id":"\(event.id)","type":"message_received","data":\(event.payload),\
                    "timestamp":"\(event.occurredAt)"}
                    """
            )
            #expect(letter.headers["x-loja"] == "segredo 42")
            #expect(letter.headers["content-type"] == "application/json")
            let now = WallClock.system.now()
            let keys = try await house.keys.published().map { try WebhookPublicKey($0.text) }
            let accepted = { (secrets: [WebhookSecret], keys: [WebhookPublicKey]) in
                let verdict = StandardWebhooks.verify(
                    letter.signed,
                    body: letter.body,
                    with: secrets,
                    publicKeys: keys,
                    now: now
                )
                if case .accepted(let id, _) = verdict { return id == event.id.description }
                return false
            }
            #expect(accepted([secret], []))
            #expect(accepted([], keys))
            #expect(!accepted([.generate()], []))
            #expect(try await house.states(of: endpoint) == [.succeeded])
            let detail = try await house.deliveries.delivery(event.id, to: endpoint, of: house.tenant)
            #expect(detail.body == letter.text)
            #expect(detail.attempts.map(\.outcome) == [.succeeded])
            #expect(detail.attempts.first?.response?.status == 200)
            #expect(detail.attempts.first?.response?.address == "127.0.0.1")
            #expect(try await house.endpoint(endpoint).lastSuccessAt != nil)
            #expect(try await house.count(.jobs) == 0)
        }
    }

    @Test("A-3: every attempt has the same id and the same bytes")
    func sameBytes() async throws {
        try await Inbox.open(.status("500 Broken"), .status("500 Broken"), .status("204 None")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            let event = try await house.happen()[0]
            try await house.settle()
            for _ in 0..<2 {
                try await house.makeDue()
                try await house.work()
            }
            #expect(inbox.letters.count == 3)
            #expect(Set(inbox.letters.map(\.body)).count == 1)
            #expect(Set(inbox.letters.map(\.id)) == [event.description])
            let attempts = try await house.attempts(of: event, to: endpoint)
            #expect(attempts.map(\.outcome) == [.failed, .failed, .succeeded])
            #expect(attempts.map(\.number) == [1, 2, 3])
            #expect(try await house.states(of: endpoint) == [.succeeded])
            #expect(try await house.endpoint(endpoint).failingSince == nil)
        }
    }

    @Test("A deleted endpoint's deliveries end quietly")
    func deleted() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            try await house.happen()
            try await house.relay()
            try await house.write { try await house.endpoints.delete(endpoint, in: $0) }
            try await house.work()
            #expect(inbox.letters.isEmpty)
            #expect(try await house.count(.jobs) == 0)
            #expect(try await house.test.administrator.query(CountDead()) == [0])
        }
    }

    @Test("Another tenant finds neither the endpoint nor its deliveries, and changes nothing")
    func tenants() async throws {
        let house = try WebhookHouse(try TestDatabase.current)
        let other = try WebhookHouse(try TestDatabase.current)
        let endpoint = try await house.make("http://127.0.0.1:9000/")
        let event = try await house.happen()[0]
        try await house.relay()
        func expectNotFound(_ body: () async throws -> Void) async {
            let fault = await #expect(throws: Fault.self) { try await body() }
            #expect(fault?.code == .webhookNotFound)
        }
        await expectNotFound { _ = try await other.endpoint(endpoint) }
        await expectNotFound { _ = try await other.states(of: endpoint) }
        await expectNotFound { _ = try await other.attempts(of: event, to: endpoint) }
        await expectNotFound { try await other.write { try await other.endpoints.delete(endpoint, in: $0) } }
        await expectNotFound {
            _ = try await other.write { try await other.endpoints.update(endpoint, in: $0) { $0.name = "meu" } }
        }
        await expectNotFound {
            _ = try await other.write { try await other.endpoints.rotateSecret(of: endpoint, in: $0) }
        }
        await expectNotFound {
            _ = try await other.write { try await other.deliveries.redeliver(event, to: endpoint, in: $0) }
        }
        await expectNotFound { _ = try await other.write { try await other.deliveries.test(endpoint, in: $0) } }
        #expect(try await house.endpoint(endpoint).settings.name == "Loja")
    }

    @Test("A suspended organisation's deliveries wait; a deleted one's end", arguments: ["suspended", "deleted"])
    func organization(state: String) async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            try await house.script(
                "INSERT INTO tenancy.organization (tenant_id, clerk_id, name, state) "
                    + "VALUES ('\(house.tenant)', 'org_1', 'Loja', '\(state)')"
            )
            try await house.happen()
            try await house.settle()
            #expect(inbox.letters.isEmpty)
            #expect(try await house.states(of: endpoint) == [state == "deleted" ? .failed : .pending])
            guard state == "suspended" else { return }
            try await house.script("UPDATE tenancy.organization SET state = 'active'")
            try await house.makeDue()
            try await house.work()
            #expect(try await house.states(of: endpoint) == [.succeeded])
        }
    }
}

struct CountDead: Statement {
    static let sql = "SELECT count(*) FROM jobs.dead"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
