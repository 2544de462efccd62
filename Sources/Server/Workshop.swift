internal import FoundationEssentials
internal import Jobs
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

    init(app: PostgresPool, worker: PostgresPool, redis: RedisClient, logger: Logger) throws {
        let jobs = JobWorker(
            JobWorkerConfiguration(queues: [.init(.default, slots: 8)]),
            handlers: JobHandlers(),
            database: TenantDatabase(pool: app),
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
