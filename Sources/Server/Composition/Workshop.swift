internal import Auth
internal import Events
internal import FoundationEssentials
internal import Jobs
internal import Knowledge
internal import Logging
internal import Redis
internal import ServiceLifecycle
internal import Webhooks

/// Where jobs are done: part of the house, or a process of its own (`agentes work`).
struct Workshop {
    let jobs: JobWorker
    /// They need those of the groundwork to be running.
    let services: [any Service]

    init(_ groundwork: Groundwork) throws {
        let (database, worker, wakeUps) = (groundwork.database, groundwork.worker, groundwork.wakeUps)
        let (keys, logger) = (groundwork.signingKeys, groundwork.logger)
        var handlers = JobHandlers()
        DocumentIndexer(originals: PostgresOriginalStore(database: database)) { $0.log(to: logger) }
            .register(in: &handlers)
        WebhookSender(outbound: groundwork.outbound, masterKey: groundwork.masterKey, keys: keys)
            .register(in: &handlers)
        ForgetTickets.register(in: &handlers, worker: worker)
        ExpireEvents.register(in: &handlers, olderThan: groundwork.configuration.eventRetention, worker: worker)
        TendWebhooks.register(in: &handlers, keys: keys, worker: worker)
        jobs = JobWorker(
            JobWorkerConfiguration(queues: Self.queues, lease: groundwork.configuration.jobs.lease),
            handlers: handlers,
            database: database,
            pool: worker,
            name: "\(ProcessInfo.processInfo.hostName) \(ProcessInfo.processInfo.processIdentifier)",
            observe: { $0.report(to: logger) }
        )
        for queue in Self.queues.map(\.queue) {
            wakeUps.listen(to: queue.wakeUpTopic) { [jobs] in jobs.poke(queue) }
        }
        let schedules = [
            try JobSchedule(ForgetTickets.self, "7 * * * *"), try JobSchedule(ExpireEvents.self, "*/10 * * * *"),
            try JobSchedule(TendWebhooks.self, "30 * * * *"),
        ]
        services = [jobs, JobScheduler(schedules, pool: worker, logger: logger, wake: wakeUps.wake)]
    }

    private static let queues: [JobWorkerConfiguration.Queue] =
        [.init(.default, slots: 8), .init(.documents, slots: 2)] + WebhookSender.queues
}
