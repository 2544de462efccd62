@testable internal import Events
internal import Postgres
internal import Primitives
internal import Synchronization
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite(.database) struct RelayTests {
    private struct Abandoned: Error {}

    private final class Writers: Sendable {
        let areDone = Atomic(false)
    }

    @Test("a second relay leaves the first alone")
    func oneAtATime() async throws {
        let database = try TestDatabase.current
        try await database.append([.sample()], to: .next())
        let relay = database.relay()
        let whileLocked = try await database.administrator.transaction { transaction in
            let isTaken = try await transaction.queryFirst(TakeRelayLock())
            return (isTaken, try await relay.relay())
        }
        #expect(whileLocked == (true, .isLocked))
        #expect(try await relay.relay() == .relayed(1))
    }

    @Test("a writer that stays open delays its own event and no other")
    func parkedWriter() async throws {
        let database = try TestDatabase.current
        let relay = database.relay()
        let parked = Event.sample()
        let others = [Event.sample(), .sample()]
        let meanwhile = try await database.tenants.transaction(in: .next()) { transaction in
            try await transaction.append(parked)
            try await database.append(others, to: .next())
            try await relay.relay()
            return try await database.loggedIDs()
        }
        #expect(meanwhile == others.map(\.id))
        #expect(try await relay.relay() == .relayed(1))
        #expect(try await database.loggedIDs() == others.map(\.id) + [parked.id])
    }

    @Test("news is announced after it can be read, and only then")
    func announces() async throws {
        let database = try TestDatabase.current
        let seen = Mutex<[Int]>([])
        let relay = database.relay {
            let count = try? await database.loggedIDs().count
            seen.withLock { $0.append(count ?? -1) }
        }
        try await relay.relay()
        try await database.append([.sample(), .sample()], to: .next())
        try await relay.relay()
        #expect(seen.withLock(\.self) == [2])
    }

    @Test(
        "of 32 writers every committed event is seen once, in a transaction's order, by a reader that only goes forward"
    )
    func concurrentWriters() async throws {
        let database = try TestDatabase.current
        let configuration = try database.configuration(as: .app, poolSize: 33)
        let written = try await PostgresPool.running(configuration, logger: TestDatabase.logger) { pool in
            let writers = Writers()
            return try await withThrowingTaskGroup(of: [EventID].self) { relays in
                for _ in 0..<2 {
                    let relay = database.relay(batchSize: 7)
                    relays.addTask {
                        // Once more after the last writer: what it committed is pending then, and nobody else is at it.
                        while true {
                            let isLast = writers.areDone.load(ordering: .acquiring)
                            if try await relay.relay() == .relayed(0), isLast { return [] }
                        }
                    }
                }
                relays.addTask {
                    var last = 0
                    var seen: [EventID] = []
                    while true {
                        let isLast = writers.areDone.load(ordering: .acquiring)
                        let rows = try await database.administrator.query(SelectLogAfter(position: last))
                        seen += rows.map(\.id)
                        last = rows.last?.position ?? last
                        if isLast, try await database.administrator.query(CountEventRows())[0][1] == 0 {
                            return seen
                                + (try await database.administrator.query(SelectLogAfter(position: last))).map(\.id)
                        }
                    }
                }
                let committed = try await Self.write(writers: 32, transactions: 12, pool)
                writers.areDone.store(true, ordering: .releasing)
                var seen: [EventID] = []
                for try await part in relays { seen += part }
                return (committed: committed, seen: seen)
            }
        }
        #expect(written.seen.count == Set(written.seen).count)
        #expect(Set(written.seen) == Set(written.committed.joined()))
        #expect(try await database.loggedIDs() == written.seen)
        let place = Dictionary(uniqueKeysWithValues: zip(written.seen, 0...))
        for transaction in written.committed {
            let places = transaction.compactMap { place[$0] }
            #expect(places == places.sorted())
        }
    }

    /// - Returns: for each transaction that committed, its events in their order.
    private static func write(writers: Int, transactions: Int, _ pool: PostgresPool) async throws -> [[EventID]] {
        try await withThrowingTaskGroup(of: [[EventID]].self) { group in
            for writer in 0..<writers {
                group.addTask {
                    var random = SplitMix64(seed: UInt64(writer))
                    var committed: [[EventID]] = []
                    for _ in 0..<transactions {
                        if let ids = try await write(pool, &random) { committed.append(ids) }
                    }
                    return committed
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// One transaction with appends, savepoints that are kept or undone, and an end of either kind.
    private static func write(_ pool: PostgresPool, _ random: inout SplitMix64) async throws -> [EventID]? {
        let tenantID = TenantID.next()
        let parts = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            (count: Int.random(in: 1...3, using: &random), isUndone: Int.random(in: 0..<4, using: &random) == 0)
        }
        let isAbandoned = Int.random(in: 0..<5, using: &random) == 0
        do {
            return try await pool.transaction(
                settings: [SessionSetting(name: "app.tenant_id", value: tenantID.description)]
            ) { transaction in
                var ids: [EventID] = []
                for part in parts {
                    let events = (0..<part.count).map { _ in Event.sample() }
                    if part.isUndone { try await transaction.unsafeScript("SAVEPOINT part") }
                    _ = try await transaction.execute(AppendEvents(tenantID: tenantID, events: events))
                    if part.isUndone {
                        try await transaction.unsafeScript("ROLLBACK TO SAVEPOINT part")
                    } else {
                        ids += events.map(\.id)
                    }
                }
                if isAbandoned { throw Abandoned() }
                return ids
            }
        } catch is Abandoned {
            return nil
        }
    }
}

private struct TakeRelayLock: Statement {
    static let sql = "SELECT pg_try_advisory_xact_lock(hashtextextended('events.relay', 0))"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Bool { try row.read(Bool.self) }
}

private struct SelectLogAfter: Statement {
    static let sql = "SELECT position, event_id FROM events.log WHERE position > $1 ORDER BY position"
    let position: Int
    var bindings: Bindings { [position] }
    static func decode(_ row: inout RowReader) throws -> (position: Int, id: EventID) {
        (try row.read(Int.self), try row.read(EventID.self))
    }
}
