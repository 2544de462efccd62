internal import FoundationEssentials
internal import Jobs
internal import Knowledge
internal import Logging
internal import Postgres
internal import Redis
internal import ServiceLifecycle
internal import Tenancy

/// Where jobs are done: part of the house, or a process of its own (`agentes work`).
struct Workshop {
    let notifier: JobNotifier
    /// They need the pools and Redis of whoever made the workshop to be running.
    let services: [any Service]

    /// - Parameter hasWorkers: false where jobs are only enqueued, and other processes do them.
    init(app: PostgresPool, worker: PostgresPool, redis: RedisClient, hasWorkers: Bool, logger: Logger) {
        guard hasWorkers else {
            notifier = JobNotifier(redis: redis, workers: [])
            services = [notifier]
            return
        }
        let database = TenantDatabase(pool: app)
        var handlers = JobHandlers()
        DocumentIndexer(originals: PostgresOriginalStore(database: database)) { $0.log(to: logger) }
            .register(in: &handlers)
        let jobs = JobWorker(
            JobWorkerConfiguration(queues: [.init(.default, slots: 8), .init(.documents, slots: 2)]),
            handlers: handlers,
            database: database,
            pool: worker,
            name: "\(ProcessInfo.processInfo.hostName) \(ProcessInfo.processInfo.processIdentifier)",
            observe: { $0.report(to: logger) }
        )
        let notifier = JobNotifier(redis: redis, workers: [jobs])
        let scheduler = JobScheduler([], pool: worker, logger: logger) { notifier.notify($0) }
        self.notifier = notifier
        services = [jobs, notifier, scheduler]
    }
}
