internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs

@Suite("Retention", .database) struct RetentionTests {
    private let tenant = TenantID.next()

    /// The days of which there is a partition, as days from today on.
    private struct SelectDays: Statement {
        static let sql = """
            SELECT to_date(right(relname, 8), 'YYYYMMDD') - (now() AT TIME ZONE 'UTC')::date
            FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE 'finished\\_%' ORDER BY 1
            """
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
    }

    private struct CountFinished: Statement {
        static let sql = "SELECT count(*) FROM jobs.finished"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
    }

    @Test("Finished jobs go with their day: days that are over, never today, and the days to come are made")
    func finished() async throws {
        let database = try TestDatabase.current
        try await database.enqueue([NewJob(Note()), NewJob(Note())], for: tenant)
        let worker = database.jobWorker()
        for job in try await worker.claim(2) { await worker.execute(job) }
        try await database.administrator.unsafeScript(
            """
            INSERT INTO jobs.finished
                (tenant_id, id, queue, kind, outcome, attempt, crashes, created_at, finished_at)
            SELECT tenant_id, gen_random_uuid(), queue, kind, outcome, attempt, crashes, created_at,
                date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - interval '1 hour'
            FROM jobs.finished
            """
        )
        #expect(try await database.administrator.queryFirst(CountFinished()) == 4)
        #expect(try await database.administrator.query(SelectDays()) == Array(-1...14))

        try await database.worker.execute(DropFinishedPartitions(age: .seconds(2 * 86_400)))
        #expect(try await database.administrator.queryFirst(CountFinished()) == 4, "yesterday is not old enough")
        try await database.worker.execute(DropFinishedPartitions(age: .zero))
        #expect(try await database.administrator.queryFirst(CountFinished()) == 2)
        #expect(try await database.administrator.query(SelectDays()) == Array(0...14))

        try await database.worker.execute(EnsureFinishedPartitions(ahead: .seconds(20 * 86_400)))
        #expect(try await database.administrator.query(SelectDays()) == Array(-1...20))
    }

    @Test("Whatever else there is in the database, and however a plan goes about it, only days are looked at")
    func plans() async throws {
        let database = try TestDatabase.current
        for setting in ["enable_hashjoin", "enable_mergejoin", "enable_nestloop"] {
            try await database.administrator.unsafeScript(
                """
                SET \(setting) = off;
                SELECT jobs.drop_partitions(now() - interval '3 days');
                RESET \(setting);
                """
            )
        }
    }

    @Test("A day that cannot be dropped keeps dead jobs and ticks from being forgotten as little as the days to come")
    func undroppable() async throws {
        let database = try TestDatabase.current
        // Something else needs it.
        try await database.administrator.unsafeScript(
            """
            CREATE TABLE jobs.finished_20200101 PARTITION OF jobs.finished
                FOR VALUES FROM ('2020-01-01T00:00:00Z') TO ('2020-01-02T00:00:00Z');
            CREATE VIEW public.kept AS SELECT id FROM jobs.finished_20200101;
            INSERT INTO jobs.dead (tenant_id, id, queue, kind, payload, priority, attempt, maximum_attempts, crashes,
                created_at, died_at)
            VALUES ('\(tenant)', gen_random_uuid(), 'test', 'test.note', '{}', 2, 3, 3, 0, now(), '2020-01-01')
            """
        )
        await database.jobWorker().upkeep.forgetOld()
        #expect(try #require(try await database.administrator.query(SelectDays()).first) < -1, "it is still there")
        #expect(try await database.administrator.queryFirst(CountDead()) == 0)
    }

    @Test("Dead jobs and ticks are forgotten when they are old, but for the newest tick of a schedule")
    func deadAndTicks() async throws {
        let database = try TestDatabase.current
        try await database.administrator.unsafeScript(
            """
            INSERT INTO jobs.dead (tenant_id, id, queue, kind, payload, priority, attempt, maximum_attempts, crashes,
                created_at, died_at)
            SELECT '\(tenant)', gen_random_uuid(), 'test', 'test.note', '{}', 2, 3, 3, 0, now(), now() - age
            FROM unnest(ARRAY[interval '31 days', interval '29 days']) AS age;
            INSERT INTO jobs.tick (tenant_id, schedule, tick)
            SELECT '\(TenantID.none)', schedule, now() - age
            FROM (VALUES
                ('nightly', interval '31 days'), ('nightly', interval '1 day'), ('yearly', interval '99 days')
            ) AS tick (schedule, age);
            """
        )
        let worker = database.jobWorker()
        await worker.upkeep.forgetOld()
        #expect(try await database.administrator.queryFirst(CountDead()) == 1)
        #expect(try await database.administrator.query(SelectSchedules()) == ["nightly", "yearly"])
    }

    private struct SelectSchedules: Statement {
        static let sql = "SELECT schedule FROM jobs.tick ORDER BY schedule"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> String { try row.read() }
    }

    private struct CountDead: Statement {
        static let sql = "SELECT count(*) FROM jobs.dead"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
    }
}
