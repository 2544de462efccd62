internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs
@testable internal import Webhooks

@Suite("Who locks what others lock", .database, .timeLimit(.minutes(2)))
struct ContentionTests {
    @Test("A delivery that arrived, and whose commit was the victim of a deadlock, is settled again and not sent again")
    func deadlock() async throws {
        try await Inbox.open(.held) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, orderingKey: .subject)
            let events = try await house.happen(count: 2, about: .next())
            try await house.relay()
            let worker = house.worker()
            let jobs = try await worker.claimAll()
            try await withThrowingTaskGroup { group in
                for job in jobs { group.addTask { await worker.execute(job) } }
                await inbox.arrival()
                try await until {
                    let second = try await house.deliveries.delivery(events[1], to: endpoint, of: house.tenant)
                    return second.delivery.nextAttemptAt == nil
                }
                inbox.answer(.status("200 OK"))
                // As a page of a replay does that locks the second before the first.
                try await house.test.administrator.transaction { transaction in
                    _ = try await transaction.query(BePatient())
                    _ = try await transaction.query(LockDelivery(eventID: events[1]))
                    inbox.release()
                    try await until { try await transaction.query(CountWaiting()) == [1] }
                    _ = try await transaction.query(LockDelivery(eventID: events[0]))
                }
                try await group.waitForAll()
            }
            try await house.makeDue()
            try await house.work()
            #expect(inbox.letters.map(\.id) == events.map(\.description))
            #expect(try await house.states(of: endpoint) == [.succeeded, .succeeded])
            #expect(try await house.attempts(of: events[0], to: endpoint).map(\.outcome) == [.succeeded])
        }
    }

    @Test("Nothing is sent to an endpoint that is deleted while its turn is asked for")
    func deleted() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, rate: 10)
            try await house.happen()
            try await house.relay()
            let worker = house.worker()
            let jobs = try await worker.claimAll()
            #expect(jobs.count == 1)
            let working = try await house.write { transaction in
                try await house.endpoints.delete(endpoint, in: transaction)
                let working = Task.detached { for job in jobs { await worker.execute(job) } }
                try await until { try await transaction.query(CountWaiting()) == [1] }
                return working
            }
            await working.value
            #expect(inbox.letters.isEmpty)
            #expect(try await house.count(.attempts) == 0)
            #expect(try await house.count(.jobs) == 0)
        }
    }
}

/// The others find out before this transaction that all wait for each other.
private struct BePatient: Statement {
    static let sql = "SELECT set_config('deadlock_timeout', '1min', true)"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct LockDelivery: Statement {
    static let sql = "SELECT round FROM webhooks.delivery WHERE event_id = $1 FOR UPDATE"
    let eventID: EventID
    var bindings: Bindings { [eventID] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

/// Who waits for this transaction.
private struct CountWaiting: Statement {
    static let sql = """
        SELECT count(*) FROM pg_locks
        WHERE locktype = 'transactionid' AND NOT granted AND transactionid = pg_current_xact_id()::xid
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
