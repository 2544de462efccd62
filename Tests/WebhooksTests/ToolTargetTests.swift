internal import Events
internal import Postgres
internal import Primitives
internal import Secrets
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs
@testable internal import Outbound
@testable internal import Webhooks

@Suite("Targets of tools", .database, .timeLimit(.minutes(2)))
struct ToolTargetTests {
    @Test("What is sent to one arrives signed with its own secret, after a row, and is tried again by the schedule")
    func delivery() async throws {
        try await Inbox.open(.status("500 Broken"), .status("200 OK")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let target = try await house.makeTarget(inbox.url)
            let id = try await house.send(to: target.id)
            try await house.work()
            #expect(abs(try #require(try await house.waiting()["retry"]) - 5) < 5)
            try await house.makeDue()
            try await house.work()
            #expect(inbox.letters.map(\.id) == [id.description, id.description])
            #expect(Set(inbox.letters.map(\.body)).count == 1)
            #expect(inbox.letters[0].text.contains(#""type":"tool_called","data":{"pedido":7}"#))
            let verdict = StandardWebhooks.verify(
                inbox.letters[0].signed,
                body: inbox.letters[0].body,
                with: [try WebhookSecret(target.secret.exposed)],
                now: WallClock.system.now()
            )
            guard case .accepted = verdict else {
                Issue.record("\(verdict)")
                return
            }
            let rows = try await house.rows()
            #expect(rows == ["failed 500", "succeeded 200"])
            #expect(try await house.count(.jobs) == 0)
        }
    }

    @Test("What is rolled back is not sent; a retired one gets nothing more; a rate and 410 hold for it too")
    func rules() async throws {
        struct Undone: Error {}
        try await Inbox.open(.status("410 Gone")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let target = try await house.makeTarget(inbox.url, rate: 1).id
            await #expect(throws: Undone.self) {
                try await house.write { transaction in
                    _ = try await house.targets.send([:], as: .toolCalled, to: target, in: transaction)
                    throw Undone()
                }
            }
            try await house.work()
            #expect(inbox.letters.isEmpty)
            for _ in 0..<2 { try await house.send(to: target) }
            // The second's turn is a second later: the first has been told by then that nobody is there.
            try await house.work(house.worker(pause: { #expect($0 > .zero && $0 <= .seconds(1)) }))
            try await house.settle()
            #expect(inbox.letters.count == 1)
            #expect(try await house.rows() == ["failed 410"])
            let retired = try await house.makeTarget(inbox.url).id
            try await house.send(to: retired)
            try await house.write { try await house.targets.retire(retired, in: $0) }
            try await house.work()
            #expect(inbox.letters.count == 1)
            #expect(try await house.count(.jobs) == 0)
            let fault = await #expect(throws: Fault.self) { try await house.send(to: retired) }
            #expect(fault?.code == .webhookNotFound)
        }
    }

    @Test("A-5: one that may not be called is refused, and a name that leads to this machine gets not a packet")
    func blocked() async throws {
        try await Inbox.open { inbox in
            let policy = OutboundPolicy(allowsPlainHTTP: true, ports: [1...65_535])
            let outbound = try OutboundClient(OutboundConfiguration(policy: policy, resolver: LoopbackResolver()))
            let house = try WebhookHouse(try TestDatabase.current, outbound: outbound)
            let fault = await #expect(throws: Fault.self) { try await house.makeTarget(inbox.url) }
            #expect(fault?.problems.map(\.field) == ["url"])
            let target = try await house.makeTarget("http://loja.example:\(inbox.server.port)/").id
            try await house.send(to: target)
            try await house.work()
            #expect(Set(try await house.rows()) == ["failed address_blocked"])
            #expect(inbox.server.accepted == 0)
        }
    }

    @Test("Nobody finds it among the webhooks, no event matches it, and it takes none of the fifty places")
    func hidden() async throws {
        let house = try WebhookHouse(try TestDatabase.current)
        let target = try await house.makeTarget("http://127.0.0.1:9000/").id
        // Older than any webhook: the relay looks at the first fifty.
        for _ in 0..<60 { _ = try await house.makeTarget("http://127.0.0.1:9000/") }
        let sent = try await house.send(to: target)
        let webhook = try await house.make("http://127.0.0.1:9000/")
        try await house.happen()
        try await house.relay()
        #expect(try await house.states(of: webhook) == [.pending])
        #expect(try await house.count(.deliveries) == 2)
        for _ in 0..<49 { try await house.make("http://127.0.0.1:9000/") }
        let full = await #expect(throws: Fault.self) { try await house.make("http://127.0.0.1:9000/") }
        #expect(full?.code == .webhookLimitReached)
        let listed = try await house.endpoints.endpoints(PageRequest(limit: 100, after: nil), in: house.tenant).items
        #expect(listed.count == 50 && !listed.contains { $0.id == target })
        func expectNotFound(_ body: () async throws -> Void) async {
            let fault = await #expect(throws: Fault.self) { try await body() }
            #expect(fault?.code == .webhookNotFound)
        }
        func expectNotFound(_ body: (TenantTransaction) async throws -> Void) async {
            await expectNotFound { try await house.write(body) }
        }
        let (page, since) = (PageRequest(limit: 1, after: nil), Timestamp(secondsSinceEpoch: 0))
        await expectNotFound { _ = try await house.endpoint(target) }
        await expectNotFound { _ = try await house.endpoints.update(target, in: $0) { $0.name = "meu" } }
        await expectNotFound { try await house.endpoints.delete(target, in: $0) }
        await expectNotFound { _ = try await house.endpoints.rotateSecret(of: target, in: $0) }
        await expectNotFound { _ = try await house.deliveries.test(target, in: $0) }
        await expectNotFound { _ = try await house.deliveries.redeliver(sent, to: target, in: $0) }
        await expectNotFound { _ = try await house.attempts(of: sent, to: target) }
        await expectNotFound { _ = try await house.deliveries.deliveries(to: target, page, of: house.tenant) }
        await expectNotFound { _ = try await house.replays.begin(to: target, since: since, in: $0) }
        await expectNotFound { _ = try await house.replays.count(to: target, since: since, in: $0) }
        // And a webhook is no tool's.
        await expectNotFound { try await house.targets.retire(webhook, in: $0) }
        await expectNotFound { _ = try await house.targets.send([:], as: .toolCalled, to: webhook, in: $0) }
    }

    @Test("One that fails for five days is disabled, which no webhook is told; what it was sent is forgotten too")
    func upkeep() async throws {
        try await Inbox.open(.status("500 Broken")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let target = try await house.makeTarget(inbox.url).id
            let webhook = try await house.make("http://127.0.0.1:9000/", events: ["webhook_*"])
            try await house.send(to: target)
            try await house.work()
            try await house.script("UPDATE webhooks.endpoint SET failing_since = now() - interval '6 days'")
            try await house.makeDue()
            try await house.settle()
            try await house.send(to: target)
            try await house.work()
            #expect(inbox.letters.count == 2, "the third is held")
            try await house.relay()
            #expect(try await house.states(of: webhook) == [])
            try await house.script(
                """
                UPDATE webhooks.delivery SET created_at = now() - interval '91 days';
                UPDATE webhooks.message SET created_at = now() - interval '91 days'
                """
            )
            try await TendWebhooks.forgetOld(house.test.worker)
            #expect(try await house.count(.deliveries) == 0)
            #expect(try await house.count(.attempts) == 0)
        }
    }
}

extension WebhookHouse {
    fileprivate var targets: ToolTargetService { ToolTargetService(endpoints: endpoints) }

    fileprivate func makeTarget(_ url: String, rate: Int? = nil) async throws -> (
        id: WebhookID, secret: Redacted<String>
    ) {
        let settings = WebhookEndpoint.Settings(name: "Pedidos", url: url, rate: rate)
        return try await write { try await targets.create(settings, in: $0) }
    }

    @discardableResult
    fileprivate func send(to target: WebhookID) async throws -> EventID {
        let data: JSON = ["pedido": .number(JSONNumber(7))]
        return try await write { try await targets.send(data, as: .toolCalled, to: target, in: $0) }
    }

    /// What came of each attempt, in their order.
    fileprivate func rows() async throws -> [String] { try await test.administrator.query(SelectOutcomes()) }
}

private struct SelectOutcomes: Statement {
    static let sql = """
        SELECT outcome || ' ' || coalesce(error, status::text) FROM webhooks.attempt ORDER BY started_at, number
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}
