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
            try await database.worker.transaction(settings: ClaimJobs.settings) { transaction in
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
        try await database.running(worker) {
            try await until { observations.endings == ["completed"] }
            try await worker.lookAtQueues()
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
        let administrator = database.administrator
        try await administrator.unsafeScript("ALTER TABLE jobs.job SET (autovacuum_enabled = off)")
        try await administrator.unsafeScript("VACUUM ANALYZE jobs.job")
        try await administrator.unsafeScript(ExplainClaim.function)
        let plans = try await database.worker.transaction(settings: ClaimJobs.settings) { transaction in
            // Filling the table takes longer than this transaction may rest.
            try await transaction.unsafeScript("SET LOCAL idle_in_transaction_session_timeout = 0")
            try await transaction.unsafeScript("PREPARE claim AS \(ClaimJobs.sql)")
            let empty = try await transaction.query(ExplainClaim())
            for tenant in 0..<20 {
                let count = tenant == 0 ? 100_000 : 1000
                try await administrator.execute(FillBacklog(tenantID: .next(), count: count))
            }
            let full = try await transaction.query(ExplainClaim())
            try await transaction.unsafeScript("DEALLOCATE claim")
            return empty + full
        }
        let (empty, full) = (PlanNode.all(in: plans[0]), PlanNode.all(in: plans[1]))
        #expect(empty.map(\.type) == full.map(\.type), "the plan is kept")
        #expect(full.contains { $0.type == "Tid Scan" && $0.rows == 100 }, "100 are claimed")
        for node in full {
            #expect(node.type != "Seq Scan", "\(node)")
            #expect(!node.type.contains("Bitmap"), "\(node)")
            #expect(node.rows + node.removed <= 400, "\(node)")
        }
    }
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

/// Runs the prepared claim, and gives its plan.
private struct ExplainClaim: Statement {
    static let function = """
        CREATE FUNCTION public.explained_claim() RETURNS jsonb LANGUAGE plpgsql AS $$
            DECLARE plan jsonb;
            BEGIN
                EXECUTE 'EXPLAIN (ANALYZE, COSTS OFF, FORMAT JSON) EXECUTE claim('
                    '''test'', ''{test.note}'', 100, 1000, ''00000000-0000-0000-0000-000000000000'', ''test'', 30)' INTO plan;
                RETURN plan;
            END $$
        """
    static let sql = "SELECT public.explained_claim()"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> JSON { try row.read() }
}

/// A step of a plan, with what it did in all its loops.
private struct PlanNode {
    let type: String
    let rows: Double
    let removed: Double

    static func all(in plan: JSON) -> [PlanNode] {
        var open = [plan[0]?["Plan"]].compactMap(\.self)
        var nodes: [PlanNode] = []
        while let node = open.popLast() {
            let loops = node["Actual Loops"]?.double ?? 0
            nodes.append(
                PlanNode(
                    type: node["Node Type"]?.string ?? "",
                    rows: (node["Actual Rows"]?.double ?? 0) * loops,
                    removed: (node["Rows Removed by Filter"]?.double ?? 0) * loops
                )
            )
            open += node["Plans"]?.array ?? []
        }
        return nodes
    }
}
