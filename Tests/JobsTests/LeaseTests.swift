internal import FoundationEssentials
internal import Postgres
internal import Primitives
internal import Synchronization
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs

@Suite("Leases", .database) struct LeaseTests {
    private let tenant = TenantID.next()

    @Test("a lost worker's job is another's after lease and scan, and the loss spends no attempt")
    func rescue() async throws {
        let database = try TestDatabase.current
        let id = try await database.enqueue(for: tenant)
        _ = try await database.jobWorker().claim()
        let other = database.jobWorker()
        #expect(try await other.upkeep.rescue().isEmpty, "the lease holds")
        try await database.expireLeases()
        #expect(try await other.upkeep.rescue().map(\.id) == [id])
        #expect(try await database.jobRows() == ["available 0 1"])
        let again = try await other.claim()
        #expect(again.map(\.attempt) == [1])
        #expect(again.map(\.crashes) == [1])
    }

    @Test("a running process takes over what a lost one left, with nobody's help")
    func takeOver() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        try await database.enqueue(for: tenant)
        _ = try await database.jobWorker().claim()
        try await database.expireLeases()
        try await whileRunning([database.jobWorker(observations: observations)]) {
            try await until { observations.endings == ["rescued", "completed"] }
        }
        #expect(try await database.jobRows() == ["completed"])
    }

    @Test("a transaction of a job keeps it from everybody else to the commit, and is refused once it is another's")
    func jobTransaction() async throws {
        let database = try TestDatabase.current
        try await database.administrator.unsafeScript(EffectTable.script)
        try await database.enqueue(for: tenant)
        let (worker, other) = (database.jobWorker(), database.jobWorker())
        let job = try #require(try await worker.claim().first)
        let context = JobContext(job, database: database.tenants)
        try await database.expireLeases()
        try await context.transaction { transaction in
            try await transaction.execute(InsertEffect(jobID: job.id))
            #expect(try await other.upkeep.rescue().isEmpty)
            try await worker.renewLeases()
        }
        #expect(try await other.upkeep.rescue().isEmpty, "its lease is renewed all the while")
        try await database.expireLeases()
        #expect(try await other.upkeep.rescue().count == 1)
        let fault = try await #require(throws: Fault.self) {
            try await context.transaction { try await $0.execute(InsertEffect(jobID: job.id)) }
        }
        #expect(fault.code == .jobLeaseLost)
        #expect(try await database.administrator.query(SelectEffects()).count == 1)
    }

    @Test("a job that takes its third worker with it is given up, whole")
    func poison() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        try await database.enqueue(JobOptions(uniqueKey: "a"), for: tenant)
        let worker = database.jobWorker(observations: observations)
        for _ in 0..<3 {
            #expect(try await worker.claim().count == 1)
            try await database.expireLeases()
            try await worker.upkeep.rescue()
        }
        #expect(observations.endings == ["rescued", "rescued", "poisoned"])
        #expect(try await database.jobRows() == ["dead"])
        let dead = try #require(try await JobInspection().dead(10, from: database.worker).first)
        #expect(dead.crashes == 3)
        #expect(dead.uniqueKey == "a")
        #expect(dead.failure == "worker lost")
        #expect(dead.payload.text == #"{"text": "olá"}"#)
    }

    @Test("whoever lost a claim can neither end the job nor put it back nor keep it, and whoever has it can")
    func fence() async throws {
        let database = try TestDatabase.current
        try await database.administrator.unsafeScript(EffectTable.script)
        let (first, second) = (database.jobWorker(), database.jobWorker())
        try await database.enqueue(for: tenant)
        let lost = try #require(try await first.claim().first)
        try await database.expireLeases()
        try await second.upkeep.rescue()
        let held = try #require(try await second.claim().first)
        #expect(lost.id == held.id)
        #expect(try await database.worker.query(FinishJobs([lost.claim], as: .completed)).isEmpty)
        let putBack = ReturnJob(claim: lost.claim, spendsAttempt: true, failure: nil, delay: nil)
        #expect(try await database.worker.execute(putBack) == 0)
        #expect(try await database.worker.execute(BuryJob(claim: lost.claim, failure: "")) == 0)
        #expect(try await database.worker.query(RenewLeases(claims: [lost.claim], lease: .seconds(30))).isEmpty)
        let context = JobContext(lost, database: database.tenants)
        let error = await #expect(throws: Fault.self) {
            try await context.complete { try await $0.execute(InsertEffect(jobID: lost.id)) }
        }
        #expect(error?.code == .jobLeaseLost)
        #expect(try await database.administrator.query(SelectEffects()).isEmpty, "the effect is rolled back with it")
        #expect(try await database.jobRows() == ["running 1 1"])
        await second.execute(held)
        #expect(try await database.jobRows() == ["completed"])
    }

    @Test("a heartbeat keeps every claim of a process, and a handler whose claim was lost is stopped and not heard")
    func heartbeat() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let worker = database.hangingWorker(observations)
        try await database.enqueue([NewJob(Note("kept")), NewJob(Note("lost"))], for: tenant)
        let jobs = try await worker.claim()
        #expect(jobs.count == 2)
        try await database.expireLeases()
        try await worker.renewLeases()
        #expect(try await database.jobWorker().upkeep.rescue().isEmpty, "both were renewed in time")
        let (kept, lost) = (jobs[0], jobs[1])
        try await withThrowingTaskGroup { group in
            group.addTask { await worker.execute(lost) }
            try await database.administrator.execute(StealJob(id: lost.id))
            try await worker.renewLeases()
            try await group.next()
        }
        #expect(observations.endings == ["lost"])
        #expect(try await database.jobRows() == ["running 1 0", "running 1 0"])
        #expect(worker.claims.withLock { $0.claims } == [kept.claim])
    }

    @Test("a renewal that is not answered keeps no other from being sent, on another connection")
    func silentRenewal() async throws {
        let database = try TestDatabase.current
        let worker = database.jobWorker(heartbeat: .milliseconds(200))
        try await database.enqueue(for: tenant)
        _ = try await worker.claim()
        try await database.expireLeases()
        // The first statement that comes is not done for a long time, and holds nothing.
        try await database.administrator.unsafeScript(
            """
            CREATE FUNCTION public.stall() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF pg_try_advisory_xact_lock(1) THEN PERFORM pg_sleep(90); END IF;
                    RETURN NULL;
                END $$;
            CREATE TRIGGER stall BEFORE UPDATE ON jobs.job EXECUTE FUNCTION public.stall()
            """
        )
        try await withThrowingTaskGroup { group in
            group.addTask { await worker.keepLeases() }
            try await until { try await database.administrator.query(CountValidLeases()) == [1] }
            #expect(try await database.administrator.query(CountStalled()) == [1])
            group.cancelAll()
            try await group.waitForAll()
        }
        try await database.administrator.unsafeScript(
            """
            SELECT pg_cancel_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event = 'PgSleep'
            """
        )
    }

    @Test("a renewal waits for no row that is being ended, and does not take it for lost")
    func heartbeatBesideCommit() async throws {
        let database = try TestDatabase.current
        try await database.enqueue([NewJob(Note("ending")), NewJob(Note("running"))], for: tenant)
        let worker = database.jobWorker()
        let jobs = try await worker.claim()
        try await database.tenants.transaction(in: tenant) { transaction in
            #expect(try await transaction.query(FinishJobs([jobs[0].claim], as: .completed)).count == 1)
            let rows = try await database.worker.query(
                RenewLeases(claims: jobs.map(\.claim), lease: .seconds(30))
            )
            let renewed = Dictionary(uniqueKeysWithValues: rows.map { ($0.claimID, $0.isRenewed) })
            #expect(renewed == [jobs[0].claim.id: false, jobs[1].claim.id: true])
        }
    }

    @Test("a job that is just being ended is never rescued, however late it is")
    func rescueBesideCommit() async throws {
        let database = try TestDatabase.current
        try await database.enqueue(for: tenant)
        let worker = database.jobWorker()
        let job = try #require(try await worker.claim().first)
        try await database.expireLeases()
        try await database.tenants.transaction(in: tenant) { transaction in
            let finished = try await transaction.query(FinishJobs([job.claim], as: .completed))
            #expect(finished.count == 1)
            #expect(try await database.jobWorker().upkeep.rescue().isEmpty)
        }
        #expect(try await database.jobWorker().upkeep.rescue().isEmpty)
        #expect(try await database.jobRows() == ["completed"])
    }

    @Test("a process that hears nothing of its leases stops its handlers before they end, and gives their jobs back")
    func trust() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let worker = database.hangingWorker(observations)
        try await database.enqueue(for: tenant)
        let start = ContinuousClock.now
        let job = try #require(try await worker.claim().first)
        await withTaskGroup { group in
            group.addTask { await worker.execute(job) }
            worker.stopWhatIsOver(now: start + worker.configuration.trust - .seconds(1))
            #expect(worker.claims.withLock { $0.stopReason(job.claim.id) } == nil)
            worker.stopWhatIsOver(now: .now + worker.configuration.trust)
        }
        #expect(worker.configuration.trust + .seconds(2) < worker.configuration.lease)
        #expect(observations.endings == ["returned"])
        #expect(try await database.jobRows() == ["available 0 0"], "at no cost, since nobody died")
    }

    @Test("what a process gives back that is another's by then stays the other's")
    func trustTooLate() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let worker = database.hangingWorker(observations)
        try await database.enqueue(for: tenant)
        let job = try #require(try await worker.claim().first)
        try await database.administrator.execute(StealJob(id: job.id))
        await withTaskGroup { group in
            group.addTask { await worker.execute(job) }
            worker.stopWhatIsOver(now: .now + worker.configuration.trust)
        }
        #expect(observations.endings == ["lost"])
        #expect(try await database.jobRows() == ["running 1 0"])
    }
}

private struct CountValidLeases: Statement {
    static let sql = "SELECT count(*) FROM jobs.job WHERE lease_until > now()"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

private struct CountStalled: Statement {
    static let sql = """
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

/// Another worker has the job.
private struct StealJob: Command {
    static let sql = "UPDATE jobs.job SET claim_id = gen_random_uuid() WHERE id = $1"
    let id: JobID
    var bindings: Bindings { [id] }
}
