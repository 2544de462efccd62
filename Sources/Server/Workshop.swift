internal import Auth
internal import Events
internal import FoundationEssentials
internal import Jobs
internal import Knowledge
internal import Logging
internal import Outbound
internal import Postgres
internal import Redis
internal import Secrets
internal import ServiceLifecycle
internal import Tenancy
internal import Webhooks

/// Where jobs are done: part of the house, or a process of its own (`agentes work`).
struct Workshop {
    /// They need the pools and the channel of whoever made the workshop to be running.
    let services: [any Service]

    init(
        _ configuration: Configuration,
        masterKey: MasterKey,
        database: TenantDatabase,
        worker: PostgresPool,
        wakeUps: WakeUpChannel,
        outbound: OutboundClient,
        signingKeys: SigningKeys,
        logger: Logger
    ) throws {
        var handlers = JobHandlers()
        DocumentIndexer(originals: PostgresOriginalStore(database: database)) { $0.log(to: logger) }
            .register(in: &handlers)
        WebhookSender(outbound: outbound, masterKey: masterKey, keys: signingKeys).register(in: &handlers)
        ForgetTickets.register(in: &handlers, worker: worker)
        ExpireEvents.register(in: &handlers, olderThan: configuration.eventRetention, worker: worker)
        TendWebhooks.register(in: &handlers, keys: signingKeys, worker: worker)
        let jobs = JobWorker(
            JobWorkerConfiguration(queues: Self.queues, lease: configuration.jobLease),
            handlers: handlers,
            database: database,
            pool: worker,
            name: "\(ProcessInfo.processInfo.hostName) \(ProcessInfo.processInfo.processIdentifier)",
            observe: { $0.report(to: logger) }
        )
        for queue in Self.queues.map(\.queue) {
            wakeUps.listen(to: queue.wakeUpTopic) { jobs.poke(queue) }
        }
        let schedules = [
            try JobSchedule(ForgetTickets.self, "7 * * * *"), try JobSchedule(ExpireEvents.self, "*/10 * * * *"),
            try JobSchedule(TendWebhooks.self, "30 6 * * *"),
        ]
        services = [jobs, JobScheduler(schedules, pool: worker, logger: logger, wake: wakeUps.wake)]
    }

    private static let queues: [JobWorkerConfiguration.Queue] =
        [.init(.default, slots: 8), .init(.documents, slots: 2)] + WebhookSender.queues
}
