internal import Jobs
internal import Postgres
internal import Tenancy

/// Fills a worker's slots by one claim, gives the jobs back, and again: what a claim takes, the log of Postgres tells.
struct ClaimsBench {
    let app: PostgresPool
    let worker: PostgresPool
    let slots: Int

    func run(rounds: Int) async throws {
        for _ in 0..<rounds { try await fillSlots() }
    }

    private func fillSlots() async throws {
        let begun = Counter()
        let (full, isFull) = AsyncStream.makeStream(of: Void.self)
        var handlers = JobHandlers()
        handlers.register(NoOp.self) { [slots] _, _ in
            if begun.increment() == slots { isFull.finish() }
            let (never, continuation) = AsyncStream.makeStream(of: Void.self)
            for await _ in never {}
            _ = continuation
            throw CancellationError()
        }
        var configuration = JobWorkerConfiguration(queues: [.init(NoOp.queue, slots: slots)])
        configuration.drainTimeout = .zero
        let worker = JobWorker(
            configuration,
            handlers: handlers,
            database: TenantDatabase(pool: app),
            pool: worker,
            name: "bench"
        ) { _ in }
        try await worker.running { for await _ in full {} }
    }
}
