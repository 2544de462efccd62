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
    /// They need the pools and the channel of whoever made the workshop to be running.
    let services: [any Service]

    init(database: TenantDatabase, worker: PostgresPool, wakeUps: WakeUpChannel, logger: Logger) throws {
        var handlers = JobHandlers()
        DocumentIndexer(originals: PostgresOriginalStore(database: database)) { $0.log(to: logger) }
            .register(in: &handlers)
        let configuration = JobWorkerConfiguration(
            queues: [.init(.default, slots: 8), .init(.documents, slots: 2)]
        )
        let jobs = JobWorker(
            configuration,
            handlers: handlers,
            database: database,
            pool: worker,
            name: "\(ProcessInfo.processInfo.hostName) \(ProcessInfo.processInfo.processIdentifier)",
            observe: { $0.report(to: logger) }
        )
        for queue in configuration.queues.map(\.queue) {
            wakeUps.listen(to: queue.wakeUpTopic) { jobs.poke(queue) }
        }
        let scheduler = JobScheduler([], pool: worker, logger: logger, wake: wakeUps.wake)
        services = [jobs, scheduler]
    }
}
