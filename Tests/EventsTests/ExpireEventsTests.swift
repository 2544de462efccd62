@testable internal import Events
internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@Suite("Events expire", .database)
struct ExpireEventsTests {
    private let tenants = [TenantID.next(), .next()]

    @Test("in batches, the oldest first, from the log and with their payloads; the highest position is kept")
    func everything() async throws {
        let database = try TestDatabase.current
        try await database.relayed(25, of: tenants)
        try await database.age(positions: 1...25)
        let ids = try await database.loggedIDs()
        try await ExpireEvents.expire(olderThan: .seconds(86_400), batch: 7, database.worker)
        #expect(try await database.loggedIDs() == [ids[24]])
        #expect(try await database.administrator.queryFirst(CountEventRows()) == [1, 0, 1])
        try await ExpireEvents.expire(olderThan: .seconds(86_400), batch: 7, database.worker)
        #expect(try await database.loggedIDs() == [ids[24]])
    }

    @Test("only from the lowest position up to the first that is young, whatever lies above")
    func prefix() async throws {
        let database = try TestDatabase.current
        try await database.relayed(20, of: tenants)
        try await database.age(positions: 1...9)
        try await database.age(positions: 11...15)
        let ids = try await database.loggedIDs()
        try await ExpireEvents.expire(olderThan: .seconds(86_400), batch: 4, database.worker)
        #expect(try await database.loggedIDs() == Array(ids[9...]))
        #expect(try await database.administrator.queryFirst(CountEventRows()) == [11, 0, 11])
    }

    @Test("at the age that is asked for, and not before")
    func ages() async throws {
        let database = try TestDatabase.current
        try await database.relayed(3, of: tenants)
        try await database.age(positions: 1...3)
        let ids = try await database.loggedIDs()
        try await ExpireEvents.expire(olderThan: .seconds(90_060), database.worker)
        #expect(try await database.loggedIDs() == ids)
        try await ExpireEvents.expire(olderThan: .seconds(89_940), database.worker)
        #expect(try await database.loggedIDs() == [ids[2]])
    }

    @Test("under a reader that is catching up: it is told that it lost some, and goes on with what comes")
    func whileReading() async throws {
        let database = try TestDatabase.current
        let live = database.liveEvents()
        try await database.relayed(600, of: tenants)
        let first = try await database.worker.query(SelectLog(position: 0, limit: 1))[0].cursor
        var reader = try live.subscribe(to: tenants[0], by: .somebody, after: first.description).makeAsyncIterator()
        #expect(try await reader.next() == .cursor(first))
        #expect(try await reader.next()?.event != nil)
        try await database.age(positions: 1...600)
        try await ExpireEvents.expire(olderThan: .seconds(86_400), database.worker)
        let head = try #require(try await database.worker.queryFirst(SelectLogHead()))
        // What it has read already is as it was: a page of 256 events, the first of which it has.
        var seen = 1
        var item = try await reader.next()
        while item?.event != nil {
            seen += 1
            item = try await reader.next()
        }
        #expect(seen == LiveEvents.pageLength && item == .gap(.expired))
        #expect(try await reader.next() == .cursor(head))
        let news = try await database.append([.sample()], to: tenants[0])
        try await database.relay().relay()
        try await live.tick()
        #expect(try await reader.next()?.event?.id == news[0])
    }
}

extension TestDatabase {
    /// Events with positions, of the tenants by turns.
    fileprivate func relayed(_ count: Int, of tenants: [TenantID]) async throws {
        for number in 0..<count {
            try await append([.sample()], to: tenants[number % tenants.count])
        }
        while try await relay().relay() != .relayed(0) {}
    }

    /// Makes them 25 hours old.
    fileprivate func age(positions: ClosedRange<Int>) async throws {
        try await administrator.unsafeScript(
            """
            UPDATE events.log SET relayed_at = now() - interval '25 hours'
            WHERE position BETWEEN \(positions.lowerBound) AND \(positions.upperBound)
            """
        )
    }
}
