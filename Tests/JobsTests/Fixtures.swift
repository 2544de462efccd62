internal import FoundationEssentials
internal import Postgres
internal import Primitives
internal import Synchronization
internal import Tenancy
internal import TestSupport

@testable internal import Jobs

/// A kind of job that says something.
struct Note: Job {
    struct Unreadable: Error {}

    static let kind = "test.note"
    static let queue: JobQueue = "test"
    static let maximumAttempts = 3
    static let maximumDuration = Duration.seconds(60)
    static let backoff = Backoff(base: .zero)
    let text: String

    init(_ text: String = "olá") {
        self.text = text
    }

    init(payload: JSONObject) throws {
        guard let text = payload["text"]?.string else { throw Unreadable() }
        self.text = text
    }

    var payload: JSONObject { JSONObject([("text", .string(text))]) }
}

/// One that no handler of these tests knows, unless it is registered.
struct Letter: Job {
    static let kind = "test.letter"
    static let queue: JobQueue = "test"

    init() {}
    init(payload: JSONObject) {}
    var payload: JSONObject { JSONObject() }
}

/// What a worker told.
final class Observations: Sendable {
    private let list = Mutex<[JobObservation]>([])

    func record(_ observation: JobObservation) {
        list.withLock { $0.append(observation) }
    }

    /// Short words for what became of jobs, in their order.
    var endings: [String] {
        list.withLock { $0 }.compactMap { observation -> String? in
            switch observation {
            case .completed: "completed"
            case .discarded(_, let reason): "discarded: \(reason)"
            case .snoozed: "snoozed"
            case .failed(_, let reason, _): "failed: \(reason)"
            case .died(_, let reason): "died: \(reason)"
            case .returned: "returned"
            case .leaseLost: "lost"
            case .rescued(let job): job.isDead ? "poisoned" : "rescued"
            case .waiting, .unreachable: nil
            }
        }
    }

    var waiting: [WaitingJobs] {
        list.withLock { $0 }.flatMap { observation -> [WaitingJobs] in
            if case .waiting(_, let jobs) = observation { jobs } else { [] }
        }
    }
}

extension JobWorkerConfiguration.Queue {
    static func test(slots: Int = 8, tenantLimit: Int? = nil) -> Self {
        Self(Note.queue, slots: slots, tenantLimit: tenantLimit)
    }
}

extension JobWorker {
    /// Claims as its own loop does.
    func claim(_ slots: Int = 8, tenantLimit: Int? = nil, after: TenantID = .none) async throws -> [ClaimedJob] {
        try await claim(from: .test(slots: slots, tenantLimit: tenantLimit), slots: slots, after: after)
    }
}

extension TestDatabase {
    var tenants: TenantDatabase { TenantDatabase(pool: app) }

    /// A worker as one of many processes; by default its notes are completed.
    func jobWorker(
        _ queue: JobWorkerConfiguration.Queue = .test(),
        observations: Observations = Observations(),
        pool: PostgresPool? = nil,
        heartbeat: Duration = .seconds(10),
        drainTimeout: Duration = .seconds(20),
        perform: @escaping @Sendable (Note, JobContext) async throws -> JobOutcome = { _, _ in .completed }
    ) -> JobWorker {
        var handlers = JobHandlers()
        handlers.register(Note.self, perform)
        var configuration = JobWorkerConfiguration(queues: [queue])
        configuration.heartbeat = heartbeat
        configuration.drainTimeout = drainTimeout
        return JobWorker(
            configuration,
            handlers: handlers,
            database: tenants,
            pool: pool ?? worker,
            name: "test",
            observe: observations.record
        )
    }

    /// A worker whose notes go on until they are cancelled.
    func hangingWorker(_ observations: Observations) -> JobWorker {
        jobWorker(observations: observations) { _, _ in
            try await untilCancelled()
            return .completed
        }
    }

    @discardableResult
    func enqueue(_ jobs: [NewJob], for tenantID: TenantID) async throws -> [JobID] {
        try await tenants.transaction(in: tenantID) { try await $0.enqueue(jobs) }
    }

    @discardableResult
    func enqueue(_ options: JobOptions = JobOptions(), for tenantID: TenantID) async throws -> JobID? {
        try await enqueue([NewJob(Note(), options)], for: tenantID).first
    }

    /// Every lease ran out: what a killed process leaves behind, half a minute later.
    func expireLeases() async throws {
        try await administrator.unsafeScript(
            "UPDATE jobs.job SET lease_until = now() - interval '1 second' WHERE state = 'running'"
        )
    }

    /// What was for later is due.
    func makeDue() async throws {
        try await administrator.unsafeScript("UPDATE jobs.job SET run_at = now() WHERE state = 'scheduled'")
    }

    /// What there is: live jobs as `state attempt crashes`, then as many `finished` and `dead` as there are.
    func jobRows() async throws -> [String] {
        try await administrator.query(SelectJobRows())
    }
}

struct SelectJobRows: Statement {
    static let sql = """
        SELECT * FROM (SELECT format('%s %s %s', state, attempt, crashes) FROM jobs.job ORDER BY id) AS live
        UNION ALL SELECT outcome FROM jobs.finished
        UNION ALL SELECT 'dead' FROM jobs.dead
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

struct CountRows: Statement {
    static let sql = """
        SELECT (SELECT count(*) FROM jobs.job), (SELECT count(*) FROM jobs.finished), (SELECT count(*) FROM jobs.dead)
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> [Int] {
        [try row.read(), try row.read(), try row.read()]
    }
}

/// A table that effects of jobs are written to, by the application.
enum EffectTable {
    static let script = """
        CREATE TABLE public.effect (job_id uuid NOT NULL);
        GRANT SELECT, INSERT ON public.effect TO agentes_app
        """
}

struct InsertEffect: Command {
    static let sql = "INSERT INTO public.effect (job_id) VALUES ($1)"
    let jobID: JobID
    var bindings: Bindings { [jobID] }
}

struct SelectEffects: Statement {
    static let sql = "SELECT job_id FROM public.effect"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> JobID { try row.read() }
}

/// A task that waits until it is cancelled.
func untilCancelled() async throws {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    for await _ in stream {}
    _ = continuation
    try Task.checkCancellation()
}
