internal import Jobs
internal import Logging
internal import Postgres
internal import Primitives
internal import ServiceLifecycle
internal import Synchronization
internal import Tenancy

/// A job that does nothing.
struct NoOp: Job {
    static let kind = "bench.no_op"
    static let queue: JobQueue = "bench"

    init() {}
    init(payload: JSONObject) {}
    var payload: JSONObject { JSONObject() }
}

/// No-op jobs, enqueued one transaction each and then done by one worker, all in this process.
struct JobsBench {
    let app: PostgresPool
    let worker: PostgresPool
    let slots: Int
    private let tenantID = TenantID.next()

    init(app: PostgresPool, worker: PostgresPool, slots: Int) {
        self.app = app
        self.worker = worker
        self.slots = slots
    }

    struct Rates {
        let all: Double
        let enqueued: Double
        let done: Double
        /// Enqueued in transactions of 500.
        let batched: Double
    }

    /// - Returns: jobs per second.
    func run(jobs: Int, tasks: Int) async throws -> Rates {
        let start = ContinuousClock.now
        try await enqueue(jobs, tasks: tasks)
        let enqueued = ContinuousClock.now
        try await work(jobs)
        let done = ContinuousClock.now
        let batches = max(1, jobs / 500)
        for _ in 0..<batches { try await enqueue(batch: (0..<500).map { _ in NewJob(NoOp()) }) }
        let batched = ContinuousClock.now - done
        try await work(batches * 500)
        return Rates(
            all: Double(jobs) / ((done - start) / .seconds(1)),
            enqueued: Double(jobs) / ((enqueued - start) / .seconds(1)),
            done: Double(jobs) / ((done - enqueued) / .seconds(1)),
            batched: Double(batches * 500) / (batched / .seconds(1))
        )
    }

    private func enqueue(_ jobs: Int, tasks: Int) async throws {
        let begun = Counter()
        try await withThrowingTaskGroup { group in
            for _ in 0..<tasks {
                group.addTask {
                    while begun.increment() <= jobs {
                        try await enqueue(batch: [NewJob(NoOp())])
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// In one transaction.
    private func enqueue(batch: [NewJob]) async throws {
        let database = TenantDatabase(pool: app)
        let ids = try await database.query(EnqueueJobs(tenantID: tenantID, jobs: batch), in: tenantID)
        guard ids.count == batch.count else { throw WrongCount(jobs: ids.count) }
    }

    /// Until so many jobs are done, and it is stored that they are.
    private func work(_ jobs: Int) async throws {
        let (calls, ends) = (Counter(), Counter())
        let (done, allDone) = AsyncStream.makeStream(of: Void.self)
        var handlers = JobHandlers()
        handlers.register(NoOp.self) { _, _ in
            calls.increment()
            return .completed
        }
        let worker = JobWorker(
            JobWorkerConfiguration(queues: [.init(NoOp.queue, slots: slots)]),
            handlers: handlers,
            database: TenantDatabase(pool: app),
            pool: worker,
            name: "bench"
        ) { observation in
            if case .completed = observation, ends.increment() == jobs { allDone.finish() }
        }
        try await worker.running { for await _ in done {} }
        guard calls.value == jobs, ends.value == jobs else { throw WrongCount(jobs: calls.value) }
    }

    struct WrongCount: Error {
        let jobs: Int
    }
}

final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    @discardableResult
    func increment() -> Int { count.wrappingAdd(1, ordering: .relaxed).newValue }
}

extension JobWorker {
    /// Runs as in a server, as long as `body`.
    func running(_ body: () async throws -> Void) async throws {
        let group = ServiceGroup(services: [self], logger: Logger(label: "bench"))
        async let run: Void = group.run()
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        await group.triggerGracefulShutdown()
        try await run
        try result.get()
    }
}
