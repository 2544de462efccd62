internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs

@Suite("Enqueueing", .database) struct EnqueueTests {
    private struct Abandoned: Error {}

    private let tenant = TenantID.next()

    @Test("a job is there if its transaction committed, and not if it was rolled back")
    func transactional() async throws {
        let database = try TestDatabase.current
        var random = SplitMix64(seed: 7)
        var committed: Set<JobID> = []
        for _ in 0..<60 {
            let isAbandoned = Int.random(in: 0..<2, using: &random) == 0
            let jobs = (0..<Int.random(in: 1...5, using: &random)).map { NewJob(Note("\($0)")) }
            do {
                let ids = try await database.tenants.transaction(in: tenant) { transaction in
                    let ids = try await transaction.enqueue(jobs)
                    if isAbandoned { throw Abandoned() }
                    return ids
                }
                #expect(Set(ids) == Set(jobs.map(\.id)))
                committed.formUnion(ids)
            } catch is Abandoned {}
        }
        let claimed = try await database.jobWorker().claim(1000)
        #expect(Set(claimed.map(\.id)) == committed)
        #expect(!committed.isEmpty)
    }

    @Test("the workers of a job's queue are woken by the commit, unless it is for later")
    func wakesWorkers() async throws {
        let woken = WokenTopics()
        let tenants = TenantDatabase(pool: try TestDatabase.current.app, wake: woken.record)
        try await tenants.transaction(in: tenant) { transaction in
            try await transaction.enqueue([
                NewJob(Note()), NewJob(Note(), JobOptions(queue: "later", delay: .seconds(9))),
            ])
            #expect(woken.all.isEmpty)
        }
        #expect(woken.all == [Note.queue.wakeUpTopic])
    }

    @Test("a batch keeps each job's payload, kind, queue, priority, delay and attempts")
    func batch() async throws {
        let database = try TestDatabase.current
        try await database.enqueue(
            [
                NewJob(Note("“aspas”"), JobOptions(priority: .urgent, maximumAttempts: 9)),
                NewJob(Letter(), JobOptions(queue: "elsewhere", delay: .seconds(90))),
            ],
            for: tenant
        )
        #expect(
            try await database.administrator.query(SelectEnqueued()) == [
                #"elsewhere test.letter {} 2 20 90"#, #"test test.note {"text": "“aspas”"} 0 9 0"#,
            ]
        )
    }

    @Test("of one key one job is live; after its end there may be another")
    func uniqueKey() async throws {
        let database = try TestDatabase.current
        let options = JobOptions(uniqueKey: "a")
        let first = try await database.enqueue(options, for: tenant)
        #expect(first != nil)
        #expect(try await database.enqueue(options, for: tenant) == nil)
        #expect(try await database.enqueue(JobOptions(uniqueKey: "b"), for: tenant) != nil)
        #expect(try await database.enqueue(options, for: .next()) != nil, "another tenant's key is another")
        let worker = database.jobWorker()
        let claimed = try await worker.claim()
        #expect(try await database.enqueue(options, for: tenant) == nil, "it runs")
        for job in claimed { await worker.execute(job) }
        #expect(try await database.enqueue(options, for: tenant) != nil)
    }

    @Test("a rolled-back enqueue swallows nobody's: who waits for it enqueues", arguments: [true, false])
    func uniqueKeyRace(isFirstCommitted: Bool) async throws {
        let database = try TestDatabase.current
        let tenant = tenant
        let options = JobOptions(uniqueKey: "a")
        let second = try await withThrowingTaskGroup(of: JobID?.self) { group in
            do {
                try await database.tenants.transaction(in: tenant) { transaction in
                    #expect(try await transaction.enqueue(Note(), options) != nil)
                    group.addTask { try await database.enqueue(options, for: tenant) }
                    try await until { try await database.administrator.query(CountWaitingForLock()) == [1] }
                    if !isFirstCommitted { throw Abandoned() }
                }
            } catch is Abandoned {}
            return try await group.next() ?? nil
        }
        #expect((second == nil) == isFirstCommitted)
        #expect(try await database.jobRows().count == 1)
    }

    @Test("of many that enqueue one key at once, and give up at random, one job is left if any committed")
    func uniqueKeyStorm() async throws {
        let database = try TestDatabase.current
        let tenant = tenant
        try await PostgresPool.running(database.configuration(as: .app, poolSize: 16), logger: TestDatabase.logger) {
            pool in
            for round in 0..<10 {
                let committed = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for writer in 0..<16 {
                        group.addTask {
                            var random = SplitMix64(seed: UInt64(round * 100 + writer))
                            let isAbandoned = Int.random(in: 0..<2, using: &random) == 0
                            do {
                                return try await TenantDatabase(pool: pool).transaction(in: tenant) { transaction in
                                    let options = JobOptions(uniqueKey: "\(round)")
                                    let id = try await transaction.enqueue(Note(), options)
                                    if isAbandoned { throw Abandoned() }
                                    return id != nil
                                }
                            } catch is Abandoned {
                                return false
                            }
                        }
                    }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
                #expect(committed == 1)
                #expect(try await database.jobRows().count == round + 1)
            }
        }
    }

    @Test("a tenant sees its own jobs and no other's, and can neither change one nor enqueue for another")
    func isolation() async throws {
        let database = try TestDatabase.current
        try await database.enqueue(for: tenant)
        #expect(try await database.tenants.query(SelectJobRows(), in: tenant).count == 1)
        #expect(try await database.tenants.query(SelectJobRows(), in: .next()).isEmpty)
        #expect(try await database.app.query(SelectJobRows()).isEmpty)
        let theirs = EnqueueJobs(tenantID: tenant, jobs: [NewJob(Note())])
        await #expect(throws: PostgresError.self) { try await database.tenants.query(theirs, in: .next()) }
        for change in ["UPDATE jobs.job SET priority = 0", "SELECT * FROM jobs.tick", "DELETE FROM jobs.finished"] {
            await #expect(throws: PostgresError.self, "\(change)") { try await database.app.unsafeScript(change) }
        }
    }
}

private struct SelectEnqueued: Statement {
    static let sql = """
        SELECT format(
            '%s %s %s %s %s %s', queue, kind, payload, priority, maximum_attempts,
            extract(epoch FROM run_at - created_at)::int
        ) FROM jobs.job ORDER BY 1
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

struct CountWaitingForLock: Statement {
    static let sql = """
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
