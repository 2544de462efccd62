internal import FoundationEssentials
internal import Glibc
internal import Jobs
internal import Logging
internal import Postgres
internal import Primitives
internal import Redis
internal import ServiceLifecycle
internal import Tenancy
internal import UnixSignals

/// The processes that `ops/chaos` kills beside the servers; of DATABASE_APP_URL, DATABASE_WORKER_URL and REDIS_URL.
///
///     Chaos work NAME SLOTS LEASE    does jobs as `agentes work` does, of kinds that write down what happens to them;
///                                    NAME is of this one process, a lease lasts so many seconds
///     Chaos enqueue TOTAL PAUSE      enqueues until so many jobs were committed, by whomever; rests up to so many
///                                    milliseconds between two transactions
@main
struct Chaos {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let numbers = arguments.compactMap { Int($0) }
        let logger = Logger(label: "chaos")
        let (app, worker) = (try pool("DATABASE_APP_URL", 6, logger), try pool("DATABASE_WORKER_URL", 2, logger))
        let redis = try RedisClient(
            configuration: RedisConfiguration(url: variable("REDIS_URL")),
            logger: logger
        )
        let wakeUps = WakeUpChannel(redis: redis)
        let database = TenantDatabase(pool: app, wake: wakeUps.wake)
        let services: [any Service]
        switch (arguments.first, arguments.count, numbers.count) {
        case ("work", 4, 2):
            let handler = DeedHandler(process: arguments[1], lease: .seconds(numbers[1]))
            services = try work(handler, slots: numbers[0], database, worker, wakeUps, logger)
        case ("enqueue", 3, 2):
            services = [Enqueuer(database: database, total: numbers[0], pause: numbers[1])]
        default: throw Misuse()
        }
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: ([app, worker, redis, wakeUps] + services).map {
                    .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
                },
                gracefulShutdownSignals: [.sigterm],
                logger: logger
            )
        )
        try await group.run()
    }

    private static func work(
        _ handler: DeedHandler,
        slots: Int,
        _ database: TenantDatabase,
        _ pool: PostgresPool,
        _ wakeUps: WakeUpChannel,
        _ logger: Logger
    ) throws -> [any Service] {
        var configuration = JobWorkerConfiguration(queues: [.init(Deed.queue, slots: slots)], lease: handler.lease)
        configuration.drainTimeout = .milliseconds(200)
        var handlers = JobHandlers()
        handler.register(in: &handlers)
        let worker = JobWorker(
            configuration,
            handlers: handlers,
            database: database,
            pool: pool,
            name: handler.process
        ) { observation in
            switch observation {
            case .rescued(let job): tell("rescued", job.id)
            case .returned(let job): tell("returned", job.id)
            case .leaseLost(let job): tell("lost", job.id)
            default: break
            }
        }
        wakeUps.listen(to: Deed.queue.wakeUpTopic) { worker.poke(Deed.queue) }
        let schedule = try JobSchedule("chaos", "* * * * *", catchUp: .all(atMost: 100)) { _ in NewJob(Tick()) }
        return [worker, JobScheduler([schedule], pool: pool, logger: logger, wake: wakeUps.wake)]
    }

    /// Writes a line for `ops/chaos`, with the moment in seconds since the machine started: the wall clock may be wrong.
    ///
    /// At once: the process may be killed the next moment.
    private static func tell(_ word: String, _ id: JobID) {
        var now = timespec()
        clock_gettime(CLOCK_BOOTTIME, &now)
        let line = Array("\(word) \(id) \(Double(now.tv_sec) + Double(now.tv_nsec) / 1e9)\n".utf8)
        _ = write(1, line, line.count)
    }

    private static func pool(_ name: String, _ connections: Int, _ logger: Logger) throws -> PostgresPool {
        PostgresPool(
            configuration: PostgresConfiguration(url: Redacted(try variable(name)), poolSize: connections),
            logger: logger
        )
    }

    private static func variable(_ name: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[name] else { throw Misuse() }
        return value
    }

    struct Misuse: Error {}
}
