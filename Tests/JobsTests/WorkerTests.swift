internal import Postgres
internal import Primitives
internal import ServiceLifecycle
internal import Synchronization
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs

@Suite("A worker", .database) struct WorkerTests {
    private struct Broken: Error {}

    private let tenant = TenantID.next()

    @Test("does what is enqueued, under its tenant, once")
    func works() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let seen = Mutex<[TenantID: [String]]>([:])
        let worker = database.jobWorker(observations: observations) { note, context in
            seen.withLock { $0[context.tenantID, default: []].append(note.text) }
            return .completed
        }
        let others = TenantID.next()
        try await database.enqueue((0..<40).map { NewJob(Note("\($0)")) }, for: tenant)
        try await database.enqueue([NewJob(Note("system"))], for: .none)
        try await whileRunning([worker]) {
            try await database.enqueue([NewJob(Note("other"))], for: others)
            worker.poke(Note.queue)
            try await until { observations.endings.count == 42 }
        }
        let texts = seen.withLock { $0 }
        #expect(texts[tenant]?.count == 40)
        #expect(Set(texts[tenant] ?? []) == Set((0..<40).map(String.init)))
        #expect(texts[others] == ["other"])
        #expect(texts[.none] == ["system"])
        #expect(try await database.administrator.query(CountRows()) == [[0, 42, 0]])
    }

    @Test("tries again what failed, and gives it up after its last attempt")
    func retries() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let worker = database.jobWorker(observations: observations) { _, _ in throw Broken() }
        try await database.enqueue(for: tenant)
        try await whileRunning([worker]) { try await until { observations.endings.count == 3 } }
        #expect(observations.endings == ["failed: Broken()", "failed: Broken()", "died: Broken()"])
        #expect(try await database.jobRows() == ["dead"])
    }

    @Test("puts a job off without an attempt, tries it later with one, and lets one go that has nothing to do")
    func outcomes() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let worker = database.jobWorker(observations: observations) { note, _ in
            switch note.text {
            case "snooze": .snooze(.seconds(600))
            case "retry": .retry(after: .seconds(600), because: "slow down")
            default: .discard(because: "gone")
            }
        }
        for text in ["snooze", "retry", "discard"] {
            try await database.enqueue([NewJob(Note(text))], for: tenant)
        }
        for job in try await worker.claim() { await worker.execute(job) }
        #expect(Set(observations.endings) == ["snoozed", "failed: slow down", "discarded: gone"])
        #expect(try await database.jobRows() == ["scheduled 0 0", "scheduled 1 0", "discarded"])
        #expect(try await worker.claim().isEmpty, "both are for later")
    }

    @Test("a failure that cannot be read or stored as it is ends like any other")
    func unreadable() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let worker = database.jobWorker(observations: observations) { _, _ in
            throw Fault(.jobLeaseLost, .internalFailure)
        }
        try await database.administrator.execute(InsertUnreadable(tenantID: tenant))
        for job in try await worker.claim() { await worker.execute(job) }
        #expect(observations.endings == ["failed: Unreadable()"])
        #expect(try await database.jobRows() == ["available 1 0"])
    }

    @Test("an effect that is committed with its job is applied once, whoever crashes when")
    func exactlyOnce() async throws {
        let database = try TestDatabase.current
        try await database.administrator.unsafeScript(EffectTable.script)
        let ids = try await database.enqueue((0..<40).map { NewJob(Note("\($0)")) }, for: tenant)
        let random = Mutex(SplitMix64(seed: 11))
        let perform: @Sendable (Note, JobContext) async throws -> JobOutcome = { _, context in
            // Before, within or after the transaction, or not at all.
            let fate = random.withLock { Int.random(in: 0..<8, using: &$0) }
            if fate == 0 { throw Broken() }
            try await context.complete { transaction in
                try await transaction.execute(InsertEffect(jobID: context.jobID))
                if fate == 1 { throw Broken() }
            }
            if fate == 2 { throw Broken() }
            return .completed
        }
        // Two processes; of each batch some claims are abandoned, as when a process is killed.
        let workers = [database.jobWorker(perform: perform), database.jobWorker(perform: perform)]
        while try await database.administrator.query(CountRows())[0][0] > 0 {
            for worker in workers {
                for (index, job) in try await worker.claim().enumerated() where index % 4 != 3 {
                    await worker.execute(job)
                }
            }
            try await database.expireLeases()
            try await workers[0].upkeep.rescue()
        }
        let effects = try await database.administrator.query(SelectEffects())
        #expect(effects.count == Set(effects).count, "none twice")
        let rows = try await database.administrator.query(CountRows())[0]
        #expect(rows[1] == effects.count)
        #expect(rows[1] + rows[2] == ids.count, "none is lost")
        #expect(rows[1] > 20)
    }

    @Test("that is full of one tenant's jobs begins another's at once, and no more of the one's")
    func spareSlots() async throws {
        let database = try TestDatabase.current
        let (big, small) = (TenantID.next(), TenantID.next())
        let (begun, begin) = AsyncStream.makeStream(of: TenantID.self)
        let (ending, end) = AsyncStream.makeStream(of: Void.self)
        let worker = database.jobWorker(.test(slots: 4)) { _, context in
            begin.yield(context.tenantID)
            for await _ in ending { break }
            return .completed
        }
        try await database.enqueue((0..<20).map { NewJob(Note("\($0)")) }, for: big)
        try await whileRunning([worker]) {
            var beginnings = begun.makeAsyncIterator()
            for _ in 0..<4 { #expect(await beginnings.next() == big) }
            try await database.enqueue([NewJob(Note("1")), NewJob(Note("2"))], for: small)
            worker.poke(Note.queue)
            #expect(await beginnings.next() == small)
            #expect(try await database.jobRows().count { $0.hasPrefix("running") } == 5, "one slot is spare")
            for _ in 0..<22 { end.yield() }
            end.finish()
        }
    }

    @Test("that is told to end lets handlers finish, and gives back what it has not begun without an attempt")
    func drain() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (ending, end) = AsyncStream.makeStream(of: Void.self)
        let worker = database.jobWorker(.test(slots: 1), observations: observations) { _, _ in
            start.yield()
            for await _ in ending { break }
            return .completed
        }
        try await database.enqueue([NewJob(Note("running"))], for: tenant)
        let group = ServiceGroup(services: [worker], logger: TestDatabase.logger)
        async let run: Void = group.run()
        _ = await started.first { true }
        try await database.enqueue([NewJob(Note("waiting"))], for: tenant)
        await group.triggerGracefulShutdown()
        try await until { worker.claims.withLock { $0.isDraining } }
        // A claim that was under way when the end came.
        #expect(try await worker.claim().isEmpty)
        #expect(try await database.jobRows() == ["running 1 0", "available 0 0"])
        end.yield()
        try await run
        #expect(observations.endings == ["returned", "completed"])
        #expect(try await database.jobRows() == ["available 0 0", "completed"])
    }

    @Test("that drains before its turn gives back what does not end, and itself ends at its turn")
    func drainBeforeTurn() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let worker = database.jobWorker(observations: observations, drainTimeout: .zero) { _, _ in
            start.yield()
            try await untilCancelled()
            return .completed
        }
        try await database.enqueue(for: tenant)
        let (ending, end) = AsyncStream.makeStream(of: Void.self)
        let group = ServiceGroup(services: [worker, SlowEnd(ending: ending)], logger: TestDatabase.logger)
        async let run: Void = group.run()
        _ = await started.first { true }
        await group.triggerGracefulShutdown()
        worker.drain()
        // A claim that was under way may have it once more.
        try await until { Set(observations.endings) == ["returned"] }
        try await until { try await database.jobRows() == ["available 0 0"] }
        end.finish()
        try await run
    }

    @Test("that may wait no longer stops its handlers, and gives their jobs back as they were")
    func interrupted() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let worker = database.jobWorker(observations: observations) { _, _ in
            start.yield()
            try await untilCancelled()
            return .completed
        }
        try await database.enqueue(for: tenant)
        try await withThrowingTaskGroup { group in
            group.addTask { try await worker.run() }
            _ = await started.first { true }
            group.cancelAll()
            try await group.waitForAll()
        }
        // A claim that was under way may have had it once more.
        #expect(Set(observations.endings) == ["returned"])
        #expect(try await database.jobRows() == ["available 0 0"])
    }

    @Test("finishes what ends together in few statements, and answers each for itself")
    func finisher() async throws {
        let database = try TestDatabase.current
        try await database.enqueue((0..<100).map { NewJob(Note("\($0)")) }, for: tenant)
        let claimed = try await database.jobWorker().claim(100)
        let lost = Set(claimed.prefix(10).map(\.id))
        for job in claimed.prefix(10) { _ = try await database.worker.execute(BuryJob(claim: job.claim, failure: "")) }
        let finisher = JobFinisher(pool: database.worker)
        let finished = try await withThrowingTaskGroup(of: JobID?.self) { group in
            for job in claimed {
                group.addTask { try await finisher.finish(job.claim, as: .completed) ? job.id : nil }
            }
            return try await group.reduce(into: Set<JobID>()) { if let id = $1 { $0.insert(id) } }
        }
        #expect(finished == Set(claimed.map(\.id)).subtracting(lost))
        #expect(try await database.administrator.query(CountRows()) == [[0, 90, 10]])
    }

    @Test("keeps partitions for the days to come, drops old ones, and forgets the long dead")
    func retention() async throws {
        let database = try TestDatabase.current
        try await database.administrator.unsafeScript(
            """
            CREATE TABLE jobs.finished_20200101 PARTITION OF jobs.finished
                FOR VALUES FROM ('2020-01-01T00:00:00Z') TO ('2020-01-02T00:00:00Z');
            ALTER TABLE jobs.finished_20200101 OWNER TO agentes_owner;
            INSERT INTO jobs.finished VALUES
                (gen_random_uuid(), gen_random_uuid(), 'q', 'k', 'completed', 1, 0, '2020-01-01', '2020-01-01T12:00:00Z'),
                (gen_random_uuid(), gen_random_uuid(), 'q', 'k', 'completed', 1, 0, now(), now());
            INSERT INTO jobs.dead VALUES
                (gen_random_uuid(), gen_random_uuid(), 'q', 'k', '{}', 1, 1, 1, 0, NULL, NULL, now(), '2020-01-01'),
                (gen_random_uuid(), gen_random_uuid(), 'q', 'k', '{}', 1, 1, 1, 0, NULL, NULL, now(), now());
            INSERT INTO jobs.tick VALUES (gen_random_uuid(), 's', '2020-01-01'), (gen_random_uuid(), 's', now());
            """
        )
        await database.jobWorker().upkeep.forgetOld()
        #expect(try await database.administrator.query(CountRows()) == [[0, 1, 1]])
        #expect(try await database.administrator.query(CountPartitions()).allSatisfy { $0 >= 15 })
    }
}

/// A service that lets nobody before it end.
private struct SlowEnd: Service {
    let ending: AsyncStream<Void>

    func run() async throws {
        for await _ in ending {}
    }
}

private struct InsertUnreadable: Command {
    static let sql = """
        INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, priority, run_at, maximum_attempts)
        VALUES ($1, gen_random_uuid(), 'test', 'test.note', '{}', 2, now(), 3)
        """
    let tenantID: TenantID
    var bindings: Bindings { [tenantID] }
}

private struct CountPartitions: Statement {
    static let sql = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'jobs.finished'::regclass"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
