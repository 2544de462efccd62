internal import Jobs
internal import Postgres
internal import Primitives
internal import Synchronization
internal import Tenancy

/// How long a tenant's jobs wait from their enqueuing to their start, beside whatever else is queued.
struct StartsBench {
    /// One that knows when it was enqueued, by the clock of this process.
    private struct Timed: Job {
        static let kind = "bench.timed"
        static let queue = NoOp.queue
        let number: Int

        init(number: Int) {
            self.number = number
        }

        init(payload: JSONObject) throws {
            guard let number = payload["number"]?.integer else { throw WrongPayload() }
            self.number = number
        }

        var payload: JSONObject { JSONObject([("number", .number(JSONNumber(number)))]) }

        struct WrongPayload: Error {}
    }

    let app: PostgresPool
    let worker: PostgresPool
    let slots: Int
    /// What a handler takes.
    let work: Duration

    /// - Parameter rate: jobs a second.
    /// - Returns: the 99th percentile.
    func run(for duration: Duration, rate: Int) async throws -> Duration {
        let tenantID = TenantID.next()
        let count = rate * Int(duration / .seconds(1))
        let waits = Mutex<[Duration]>([])
        let sent = Mutex<[Int: ContinuousClock.Instant]>([:])
        let (done, allDone) = AsyncStream.makeStream(of: Void.self)
        var handlers = JobHandlers()
        handlers.register(NoOp.self) { [work] _, _ in
            try await Task.sleep(for: work)
            return .completed
        }
        handlers.register(Timed.self) { [work] job, _ in
            let now = ContinuousClock.now
            if let start = sent.withLock({ $0[job.number] }) {
                let known = waits.withLock { waits in
                    waits.append(now - start)
                    return waits.count
                }
                if known == count { allDone.finish() }
            }
            try await Task.sleep(for: work)
            return .completed
        }
        let worker = JobWorker(
            JobWorkerConfiguration(queues: [.init(NoOp.queue, slots: slots)]),
            handlers: handlers,
            database: TenantDatabase(pool: app),
            pool: worker,
            name: "bench"
        ) { _ in }
        let database = TenantDatabase(pool: app)
        try await worker.running {
            // Until the slots are as full as they get.
            try await Task.sleep(for: .seconds(1))
            let start = ContinuousClock.now
            for number in 0..<count {
                try await Task.sleep(until: start + .seconds(1) * number / rate)
                sent.withLock { $0[number] = .now }
                let jobs = [NewJob(Timed(number: number))]
                _ = try await database.query(EnqueueJobs(tenantID: tenantID, jobs: jobs), in: tenantID)
                worker.poke(NoOp.queue)
            }
            for await _ in done {}
        }
        return waits.withLock { $0.sorted()[count * 99 / 100] }
    }
}
