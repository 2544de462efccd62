internal import ArgumentParser
internal import Logging
internal import Metrics
internal import Postgres
internal import Primitives
internal import Redis
internal import Secrets
internal import ServiceLifecycle
internal import Tenancy
internal import UnixSignals

/// Does jobs, and nothing else, until SIGTERM or SIGINT; then running jobs finish or are given back, and the process ends
/// with 0.
struct Work: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Do jobs, apart from serving the API.")

    func run() async throws {
        let configuration = try Configuration(environment: processEnvironment())
        MetricsSystem.bootstrap(PrometheusRegistry())
        let errors = ErrorTracker(sentry: configuration.sentry)
        LoggingSystem.bootstrap { label in JSONLogHandler(label: label, level: configuration.logLevel, errors: errors) }
        let logger = Logger(label: "agentes")
        do {
            try await errors.watching(logger) {
                let group = ServiceGroup(
                    configuration: ServiceGroupConfiguration(
                        services: try await services(configuration, logger),
                        gracefulShutdownSignals: [.sigterm, .sigint],
                        logger: logger
                    )
                )
                logger.notice("working")
                try await group.run()
            }
        } catch {
            // Why is in the log.
            throw ExitCode.failure
        }
    }

    private func services(_ configuration: Configuration, _ logger: Logger) async throws -> [any Service] {
        let masterKey = try MasterKey(configuration.masterKey.exposed)
        var pools: [PostgresPool] = []
        for role in [PostgresRole.app, .worker] {
            let pool = configuration.database.pool(as: role, masterKey)
            try await House.requireRowSecurity(pool, logger)
            pools.append(PostgresPool(configuration: pool, logger: logger))
        }
        let redis = try RedisClient(configuration: configuration.redis(), logger: logger)
        let workshop = try Workshop(app: pools[0], worker: pools[1], redis: redis, logger: logger)
        return pools + [redis] + workshop.services
    }
}
