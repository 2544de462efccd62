internal import Auth
internal import Events
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

    /// - Parameter eventRetention: how long live readers may stay away.
    init(
        app: PostgresPool,
        worker: PostgresPool,
        redis: RedisClient,
        eventRetention: Duration,
        logger: Logger
    ) throws {
        let database = TenantDatabase(pool: app)
        var handlers = JobHandlers()
        DocumentIndexer(originals: PostgresOriginalStore(database: database)) { $0.log(to: logger) }
            .register(in: &handlers)
        ForgetTickets.register(in: &handlers, worker: worker)
        ExpireEvents.register(in: &handlers, olderThan: eventRetention, worker: worker)
        let jobs = JobWorker(
            JobWorkerConfiguration(queues: [.init(.default, slots: 8), .init(.documents, slots: 2)]),
            handlers: handlers,
            database: database,
            pool: worker,
            name: "\(ProcessInfo.processInfo.hostName) \(ProcessInfo.processInfo.processIdentifier)",
            observe: { $0.report(to: logger) }
        )
        let notifier = JobNotifier(redis: redis, workers: [jobs])
        let schedules = [
            try JobSchedule(ForgetTickets.self, "7 * * * *"), try JobSchedule(ExpireEvents.self, "*/10 * * * *"),
        ]
        let scheduler = JobScheduler(schedules, pool: worker, logger: logger) { notifier.notify($0) }
        self.notifier = notifier
        services = [jobs, notifier, scheduler]
    }
}
