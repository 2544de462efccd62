internal import Postgres
internal import Primitives
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import Tenancy

@Suite("The feed of revocations", .database)
struct RevocationFeedTests {
    private let tenant = TenantID.next()

    private func feed(_ heard: Heard) throws -> RevocationFeed {
        RevocationFeed(worker: try TestDatabase.current.worker, logger: TestDatabase.logger, listeners: [heard.hear])
    }

    private func announce(_ revocation: Revocation, of tenant: TenantID) async throws {
        let database = TenantDatabase(pool: try TestDatabase.current.app)
        try await database.transaction(in: tenant) { try await $0.announce(revocation) }
    }

    @Test("tells each process once, whichever tenant's it is, and every listener in order")
    func once() async throws {
        let (one, two) = (Heard(), Heard())
        let order = Heard()
        let first = try RevocationFeed(
            worker: TestDatabase.current.worker,
            logger: TestDatabase.logger,
            listeners: [one.hear, { _ in order.add(1) }, { _ in order.add(2) }]
        )
        let second = try feed(two)
        let key = APIKeyID.next()
        try await announce(.member(userID: "user_ana"), of: tenant)
        try await announce(.apiKey(key), of: tenant)
        let other = TenantID.next()
        try await announce(.organization, of: other)
        for _ in 0..<3 {
            #expect(await first.look())
            #expect(await second.look())
        }
        for heard in [one, two] {
            #expect(heard.batches.map(\.count) == [3])
            #expect(heard.covers("user_ana", tenant) && !heard.covers("user_bia", tenant))
            #expect(heard.covers("user_bia", other) && !heard.covers("user_ana", .next()))
        }
        #expect(order.numbers == [1, 2])
    }

    @Test("tells what a look that ran beside it has read, before either returns")
    func concurrentLooks() async throws {
        let heard = Heard()
        let feed = try feed(heard)
        let tenant = tenant
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await announce(.member(userID: "user_\(number)"), of: tenant)
                    #expect(await feed.look())
                    #expect(heard.covers("user_\(number)", tenant), "told when the look returns")
                }
            }
            try await group.waitForAll()
        }
        #expect(heard.batches.reduce(0) { $0 + $1.count } == 40, "each is told once")
    }

    @Test("tells what an earlier transaction commits later")
    func lateCommit() async throws {
        let heard = Heard()
        let feed = try feed(heard)
        let database = TenantDatabase(pool: try TestDatabase.current.app)
        let tenant = tenant
        try await database.transaction(in: tenant) { transaction in
            try await transaction.announce(.member(userID: "user_slow"))
            // Begun later, committed and told before.
            try await announce(.member(userID: "user_quick"), of: tenant)
            #expect(await feed.look())
            #expect(heard.covers("user_quick", tenant) && !heard.covers("user_slow", tenant))
        }
        #expect(await feed.look())
        #expect(heard.covers("user_slow", tenant))
        #expect(heard.batches.map(\.count) == [1, 1])
    }

    @Test("goes by the database's clock: ten minutes back, whatever the ids of the processes say")
    func clocks() async throws {
        let administrator = try TestDatabase.current.administrator
        // Ids of clocks that are a year behind and a year ahead.
        try await administrator.unsafeScript(
            """
            INSERT INTO tenancy.revocation (tenant_id, id, kind, subject, created_at) VALUES
                ('\(tenant)', '01890000-0000-7000-8000-000000000001', 'member', 'user_behind', now()),
                ('\(tenant)', '01f00000-0000-7000-8000-000000000001', 'member', 'user_ahead', now()),
                ('\(tenant)', '01f00000-0000-7000-8000-000000000002', 'member', 'user_just', now() - interval '590 s'),
                ('\(tenant)', '01f00000-0000-7000-8000-000000000003', 'member', 'user_old', now() - interval '601 s')
            """
        )
        let heard = Heard()
        #expect(try await feed(heard).look())
        for user in ["user_behind", "user_ahead", "user_just"] { #expect(heard.covers(user, tenant)) }
        #expect(!heard.covers("user_old", tenant))
    }

    @Test("tells nothing of a transaction that was rolled back")
    func rolledBack() async throws {
        struct Refusal: Error {}
        let heard = Heard()
        let database = TenantDatabase(pool: try TestDatabase.current.app)
        await #expect(throws: Refusal.self) {
            try await database.transaction(in: tenant) { transaction in
                try await transaction.announce(.organization)
                throw Refusal()
            }
        }
        #expect(try await feed(heard).look())
        #expect(heard.batches.isEmpty)
    }

    @Test("that cannot read says so, and tells it all when it can")
    func unreadable() async throws {
        let heard = Heard()
        let feed = try feed(heard)
        let administrator = try TestDatabase.current.administrator
        try await announce(.organization, of: tenant)
        try await administrator.unsafeScript("ALTER TABLE tenancy.revocation RENAME TO hidden")
        #expect(await !feed.look())
        #expect(heard.batches.isEmpty)
        try await administrator.unsafeScript("ALTER TABLE tenancy.hidden RENAME TO revocation")
        #expect(await feed.look())
        #expect(heard.covers("user_ana", tenant))
    }

    @Test("looks by itself, and cleans up what nobody reads any more")
    func running() async throws {
        let administrator = try TestDatabase.current.administrator
        try await administrator.unsafeScript(
            """
            INSERT INTO tenancy.revocation (tenant_id, id, kind, subject, created_at) VALUES
                ('\(tenant)', gen_random_uuid(), 'member', 'user_old', now() - interval '25 hours'),
                ('\(tenant)', gen_random_uuid(), 'member', 'user_new', now() - interval '23 hours');
            INSERT INTO tenancy.ended_session VALUES
                ('sess_old', now() - interval '25 hours'), ('sess_new', now() - interval '23 hours');
            """
        )
        let heard = Heard()
        let feed = try RevocationFeed(
            worker: TestDatabase.current.worker,
            interval: .milliseconds(10),
            logger: TestDatabase.logger,
            listeners: [heard.hear]
        )
        let running = Task { try await feed.run() }
        try await announce(.organization, of: tenant)
        await heard.something()
        #expect(heard.covers("user_ana", tenant))
        try await until { try await administrator.query(SelectKept()) == ["sess_new", "user_new"] }
        running.cancel()
        try await running.value
    }
}

@Suite("The revocations that were seen")
struct SeenRevocationsTests {
    private let start = ContinuousClock.now

    private func rows(_ ids: [RevocationID]) -> [StoredRevocation] {
        ids.map { StoredRevocation(id: $0, tenantID: .none, revocation: .organization) }
    }

    @Test("are new once, in whatever order looks are heard, and are forgotten when they are no longer read")
    func window() {
        let ids = (0..<5).map { _ in RevocationID.next() }
        var seen = SeenRevocations()
        #expect(seen.unseen(rows(Array(ids[0..<3])), now: start).map(\.id) == Array(ids[0..<3]))
        // An earlier look, heard later, read less.
        #expect(seen.unseen(rows([ids[1]]), now: start + .seconds(1)).isEmpty)
        #expect(seen.unseen(rows(Array(ids[0..<4])), now: start + .seconds(2)).map(\.id) == [ids[3]])
        #expect(seen.unseen(rows([ids[4]]), now: start + .seconds(600)).map(\.id) == [ids[4]])
        #expect(seen.count == 1)
    }
}

/// A listener that remembers.
private final class Heard: Sendable {
    private let state = Mutex<(batches: [Revocations], numbers: [Int])>(([], []))
    private let signal = AsyncStream<Void>.makeStream()

    func hear(_ revocations: Revocations) {
        state.withLock { $0.batches.append(revocations) }
        signal.continuation.yield()
    }

    func add(_ number: Int) {
        state.withLock { $0.numbers.append(number) }
    }

    func something() async {
        for await _ in signal.stream { break }
    }

    var batches: [Revocations] { state.withLock(\.batches) }
    var numbers: [Int] { state.withLock(\.numbers) }

    func covers(_ userID: String, _ tenant: TenantID) -> Bool {
        batches.contains { $0.cover(userID: userID, sessionID: nil, of: tenant) }
    }
}

private struct SelectKept: Statement {
    static let sql = """
        SELECT subject FROM tenancy.revocation WHERE subject <> '' UNION ALL SELECT session_id FROM tenancy.ended_session
        ORDER BY 1
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}
