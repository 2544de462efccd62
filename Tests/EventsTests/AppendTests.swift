@testable internal import Events
internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite(.database) struct AppendTests {
    private struct Abandoned: Error {}

    private let tenant = TenantID.next()

    @Test("the relay is woken by the commit of an event")
    func wakesRelay() async throws {
        let woken = WokenTopics()
        let tenants = TenantDatabase(pool: try TestDatabase.current.app, wake: woken.record)
        try await tenants.transaction(in: tenant) { transaction in
            try await transaction.append(.sample())
            #expect(woken.all.isEmpty)
        }
        #expect(woken.all == [.eventsPending])
    }

    @Test("an event is kept byte for byte, and waits for its position")
    func keepsBytes() async throws {
        let database = try TestDatabase.current
        let data: JSON = ["z": 1, "a": "“aspas”\u{0}\u{2028}", "list": [1, 2.5, nil]]
        let event = Event(.leadCaptured, data: data, occurredAt: WallClock.system.now())
        try await database.append([event], to: tenant)
        let stored = try await database.tenants.query(SelectEvents(), in: tenant)
        #expect(stored.map(\.id) == [event.id])
        #expect(stored.map(\.payload) == [data.description])
        #expect(try await database.administrator.query(CountEventRows()) == [[1, 1, 0]])
    }

    @Test("what is rolled back never was")
    func rollbackLeavesNothing() async throws {
        let database = try TestDatabase.current
        await #expect(throws: Abandoned.self) {
            try await database.tenants.transaction(in: tenant) { transaction in
                try await transaction.append(.sample(), .sample())
                throw Abandoned()
            }
        }
        #expect(try await database.administrator.query(CountEventRows()) == [[0, 0, 0]])
        #expect(try await database.relay().relay() == .relayed(0))
    }

    @Test("events of a transaction keep their order, over several appends and bounded batches")
    func keepsOrder() async throws {
        let database = try TestDatabase.current
        let events = (0..<25).map { _ in Event.sample() }.shuffled()
        try await database.tenants.transaction(in: tenant) { transaction in
            try await transaction.append(Array(events[0..<7]))
            for event in events[7..<12] { try await transaction.append(event) }
            try await transaction.append(Array(events[12...]))
        }
        let relay = database.relay(batchSize: 10)
        #expect(try await relay.relay() == .relayed(10))
        #expect(try await relay.relay() == .relayed(10))
        #expect(try await relay.relay() == .relayed(5))
        #expect(try await relay.relay() == .relayed(0))
        #expect(try await database.loggedIDs() == events.map(\.id))
    }

    @Test("without a tenant there is no row, with another tenant not one either")
    func isolation() async throws {
        let database = try TestDatabase.current
        try await database.append([.sample()], to: tenant)
        try await database.relay().relay()
        #expect(try await database.app.query(SelectEvents()).isEmpty)
        #expect(try await database.app.query(SelectLoggedIDs()).isEmpty)
        #expect(try await database.tenants.query(SelectEvents(), in: .next()).isEmpty)
        #expect(try await database.tenants.query(SelectLoggedIDs(), in: .next()).isEmpty)
        #expect(try await database.tenants.query(SelectLoggedIDs(), in: tenant).count == 1)
    }

    @Test("an event cannot be appended for another tenant, and none can be changed or deleted")
    func refusals() async throws {
        let database = try TestDatabase.current
        try await database.append([.sample()], to: tenant)
        let tenant = tenant
        await #expect(throws: PostgresError.self) {
            try await database.tenants.transaction(in: .next()) { transaction in
                try await transaction.execute(AppendEvents(tenantID: tenant, events: [.sample()]))
            }
        }
        for change in [
            "UPDATE events.event SET payload = ''", "DELETE FROM events.event", "DELETE FROM events.pending",
        ] {
            await #expect(throws: PostgresError.self, "\(change)") { try await database.app.unsafeScript(change) }
        }
        #expect(try await database.administrator.query(CountEventRows()) == [[1, 1, 0]])
    }
}
