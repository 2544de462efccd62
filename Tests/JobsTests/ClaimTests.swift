internal import Postgres
internal import Primitives
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import Jobs

@Suite("Claiming", .database) struct ClaimTests {
    private let big = TenantID.next()
    private let small = TenantID.next()

    @Test("a claim spends an attempt, and is leased for 30 s by the database's clock")
    func claim() async throws {
        let database = try TestDatabase.current
        let id = try await database.enqueue(for: small)
        let claimed = try await database.jobWorker().claim()
        #expect(claimed.map(\.id) == [id])
        #expect(claimed.map(\.attempt) == [1])
        #expect(try await database.jobRows() == ["running 1 0"])
        #expect(try await database.administrator.query(SelectLeaseSeconds()).allSatisfy { (25...30).contains($0) })
        #expect(try await database.jobWorker().claim().isEmpty)
    }

    @Test("urgent jobs come first, then those that were due first, and none before its time")
    func order() async throws {
        let database = try TestDatabase.current
        for (text, options) in [
            ("later", JobOptions(priority: .urgent, delay: .seconds(3600))), ("low", JobOptions(priority: .low)),
            ("first", JobOptions()), ("second", JobOptions()), ("urgent", JobOptions(priority: .urgent)),
        ] {
            try await database.enqueue([NewJob(Note(text), options)], for: small)
        }
        let worker = database.jobWorker()
        var texts: [String] = []
        while let job = try await worker.claim(1).first { texts.append(try Note(job).text) }
        #expect(texts == ["urgent", "first", "second", "low"])
    }

    @Test("32 claimers at once claim every job, and none twice")
    func concurrentClaimers() async throws {
        let database = try TestDatabase.current
        var expected: Set<JobID> = []
        for _ in 0..<5 {
            let tenant = TenantID.next()
            expected.formUnion(try await database.enqueue((0..<200).map { NewJob(Note("\($0)")) }, for: tenant))
        }
        let configuration = try database.configuration(as: .worker, poolSize: 32)
        let claimed = try await PostgresPool.running(configuration, logger: TestDatabase.logger) { pool in
            try await withThrowingTaskGroup(of: [JobID].self) { group in
                for _ in 0..<32 {
                    group.addTask {
                        let worker = database.jobWorker(pool: pool)
                        var ids: [JobID] = []
                        // A claimer that meets others finds their rows locked, so nothing is no proof of an end.
                        while try await database.administrator.query(CountAvailable()) != [0] {
                            ids += try await worker.claim(7).map(\.id)
                        }
                        return ids
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        #expect(claimed.count == expected.count)
        #expect(Set(claimed) == expected)
    }

    @Test("a tenant's limit holds for all processes together, also when they claim at once")
    func tenantLimit() async throws {
        let database = try TestDatabase.current
        try await database.enqueue((0..<50).map { NewJob(Note("\($0)")) }, for: big)
        try await database.enqueue(for: small)
        let configuration = try database.configuration(as: .worker, poolSize: 8)
        let claimed = try await PostgresPool.running(configuration, logger: TestDatabase.logger) { pool in
            try await withThrowingTaskGroup(of: [ClaimedJob].self) { group in
                for _ in 0..<8 {
                    group.addTask { try await database.jobWorker(pool: pool).claim(20, tenantLimit: 3) }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
        }
        #expect(claimed.count { $0.tenantID == big } == 3)
        #expect(claimed.count { $0.tenantID == small } == 1)
        await database.jobWorker().execute(try #require(claimed.first { $0.tenantID == big }))
        #expect(try await database.jobWorker().claim(20, tenantLimit: 3).count == 1)
    }

    @Test("a claim under a tenant's limit waits for one that is under way, and counts what that one took")
    func tenantLimitRace() async throws {
        let database = try TestDatabase.current
        try await database.enqueue((0..<10).map { NewJob(Note("\($0)")) }, for: big)
        let later = try await withThrowingTaskGroup(of: [ClaimedJob].self) { group in
            try await database.worker.transaction { transaction in
                let claim = ClaimJobs(
                    queue: Note.queue,
                    kinds: [Note.kind],
                    slots: 3,
                    tenantLimit: 3,
                    after: .none,
                    worker: "test",
                    lease: .seconds(30)
                )
                let claimed = try await transaction.batch(LockQueue(queue: Note.queue), claim).1
                #expect(claimed.count == 3)
                group.addTask { try await database.jobWorker().claim(8, tenantLimit: 3) }
                try await until { try await database.administrator.query(CountWaitingForLock()) == [1] }
            }
            return try await group.next() ?? []
        }
        #expect(later.isEmpty)
    }

    @Test(
        "behind a backlog of 100,000 a small tenant's job is in the next batch, and with one slot one of the next two"
    )
    func fairness() async throws {
        let database = try TestDatabase.current
        try await database.administrator.execute(FillBacklog(tenantID: big, count: 100_000))
        let id = try #require(try await database.enqueue(for: small))
        #expect(try await database.jobWorker().claim(10).contains { $0.id == id })
        let next = try #require(try await database.enqueue(for: small))
        let worker = database.jobWorker()
        // A process with one slot: nothing of the big tenant runs when it looks, so it is turns that decide.
        var after = small
        var turns: [JobID] = []
        while turns.last != next, turns.count < 5 {
            let job = try #require(try await worker.claim(1, after: after).first)
            await worker.execute(job)
            after = job.tenantID
            turns.append(job.id)
        }
        #expect(turns.count <= 2)
    }

    @Test("slots are shared out evenly, and what one tenant does not need others have in the next claim")
    func shares() async throws {
        let database = try TestDatabase.current
        try await database.enqueue((0..<50).map { NewJob(Note("\($0)")) }, for: big)
        try await database.enqueue((0..<50).map { NewJob(Note("\($0)")) }, for: small)
        try await database.enqueue(for: .next())
        let worker = database.jobWorker()
        let claimed = try await worker.claim(30)
        #expect(claimed.count { $0.tenantID == big } == 10)
        #expect(claimed.count { $0.tenantID == small } == 10)
        #expect(claimed.count == 21)
        #expect(try await worker.claim(9).count == 9)
    }

    @Test("jobs of an unknown kind are left as they are and told of, and keep nobody from theirs")
    func unknownKinds() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let worker = database.jobWorker(observations: observations)
        try await database.enqueue((0..<30).map { _ in NewJob(Letter(), JobOptions(priority: .urgent)) }, for: small)
        try await database.enqueue(for: small)
        try await whileRunning([worker]) {
            try await until { observations.endings == ["completed"] }
            try await worker.upkeep.lookAtQueues()
        }
        #expect(try await database.jobRows() == Array(repeating: "available 0 0", count: 30) + ["completed"])
        let unknown = try #require(observations.waiting.last)
        #expect(unknown.kind == Letter.kind)
        #expect(unknown.count == 30)
        #expect(unknown.isUnknown)
    }

    @Test("a plan that was made while the table was empty reads lanes and slots of a backlog, and not the backlog")
    func plan() async throws {
        let database = try TestDatabase.current
        let full = try await database.planKept(of: ClaimJobs.sql, Self.claimArguments) {
            for tenant in 0..<20 {
                let count = tenant == 0 ? 100_000 : 1000
                try await database.administrator.execute(FillBacklog(tenantID: .next(), count: count))
            }
        }
        #expect(full.contains { $0.type == "Tid Scan" && $0.rows == 100 }, "100 are claimed")
        for node in full { #expect(node.rows + node.removed <= 400, "\(node)") }
    }

    @Test("nor does a plan that is made later, by what is known of a table that had one row")
    func planOfOneRow() async throws {
        let database = try TestDatabase.current
        // So long a name makes the index of lanes as high as a million jobs would, and any other seem better.
        let name = "repeat('test', 100)"
        let arguments = Self.claimArguments.replacing("'test', '{", with: "\(name), '{")
        let plan = try await database.planMadeLate(of: ClaimJobs.sql, arguments) {
            try await database.administrator.unsafeScript(
                """
                INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, priority, run_at, maximum_attempts)
                SELECT md5((n % 20 * (n % 7 / 6))::text)::uuid, gen_random_uuid(), \(name), 'test.note', '{}', 2, now(), 3
                FROM generate_series(1, 20000) AS n
                """
            )
        }
        #expect(plan.contains { $0.type == "Tid Scan" && $0.rows == 100 })
        for node in plan { #expect(node.rows + node.removed <= 400, "\(node)") }
    }

    @Test("a claim looks at no tenant whose jobs are all for later, however many there are")
    func later() async throws {
        let database = try TestDatabase.current
        let plan = try await database.planKept(of: ClaimJobs.sql, Self.claimArguments) {
            try await database.administrator.execute(FillLater(tenants: 20_000))
            try await database.enqueue(for: small)
        }
        #expect(plan.contains { $0.type == "Tid Scan" && $0.rows == 1 }, "one is due")
        for node in plan { #expect(node.rows + node.removed <= 4, "\(node)") }
    }

    @Test("what has become due is found by its time, and not among what is for later")
    func releasePlan() async throws {
        let database = try TestDatabase.current
        let plan = try await database.planKept(of: ReleaseDueJobs.sql, "10") {
            try await database.administrator.execute(FillLater(tenants: 20_000))
            try await database.administrator.unsafeScript(
                "UPDATE jobs.job SET run_at = now() WHERE ctid IN (SELECT ctid FROM jobs.job LIMIT 30)"
            )
        }
        #expect(plan.contains { $0.type == "Tid Scan" && $0.rows == 10 }, "so many as were asked for")
        for node in plan { #expect(node.rows + node.removed <= 10, "\(node)") }
    }

    @Test("what is for later is claimed once its time has come, and before that by nobody")
    func release() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        try await database.enqueue((0..<1500).map { NewJob(Note("\($0)"), JobOptions(delay: .seconds(9))) }, for: big)
        try await database.enqueue(JobOptions(delay: .seconds(3600)), for: small)
        let worker = database.jobWorker(.test(slots: 100), observations: observations)
        try await worker.upkeep.releaseDue()
        #expect(try await worker.claim().isEmpty)
        try await database.administrator.unsafeScript(
            "UPDATE jobs.job SET run_at = now() WHERE tenant_id = '\(big)'"
        )
        try await whileRunning([worker]) { try await until { observations.endings.count == 1500 } }
        #expect(try await database.jobRows().filter { $0 != "completed" } == ["scheduled 0 0"])
    }

    @Test("several that release what is due release each once, and wait for none that another is releasing")
    func concurrentReleases() async throws {
        let database = try TestDatabase.current
        try await database.enqueue((0..<20).map { NewJob(Note("\($0)"), JobOptions(delay: .seconds(9))) }, for: big)
        try await database.makeDue()
        let (first, second) = try await database.worker.transaction { transaction in
            let first = try await transaction.query(ReleaseDueJobs(limit: 5))
            return (first, try await database.administrator.query(ReleaseDueJobs(limit: 100)))
        }
        #expect(first.map(\.count) == [5])
        #expect(second.map(\.count) == [15])
        #expect(try await database.jobWorker().claim(100).count == 20)
    }

    private static let claimArguments =
        "'test', '{test.note}', 100, 1000, '00000000-0000-0000-0000-000000000000', 'test', 30"
}

extension Note {
    init(_ job: ClaimedJob) throws {
        try self.init(payload: JSON.parse(job.payload.text).root.object ?? JSONObject())
    }
}

struct FillBacklog: Command {
    static let sql = """
        INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, priority, run_at, maximum_attempts)
        SELECT $1, gen_random_uuid(), 'test', 'test.note', '{"text": ""}', 2, now() - interval '1 hour', 3
        FROM generate_series(1, $2)
        """
    let tenantID: TenantID
    let count: Int
    var bindings: Bindings { [tenantID, Int32(count)] }
}

/// A tenant each, with one job due in 5 hours.
private struct FillLater: Command {
    static let sql = """
        INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, state, priority, run_at, maximum_attempts)
        SELECT gen_random_uuid(), gen_random_uuid(), 'test', 'test.note', '{"text": ""}', 'scheduled', 2,
            now() + interval '5 hours', 3
        FROM generate_series(1, $1)
        """
    let tenants: Int
    var bindings: Bindings { [Int32(tenants)] }
}

private struct SelectLeaseSeconds: Statement {
    static let sql = "SELECT extract(epoch FROM lease_until - now())::int FROM jobs.job WHERE state = 'running'"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

private struct CountAvailable: Statement {
    static let sql = "SELECT count(*) FROM jobs.job WHERE state = 'available'"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
