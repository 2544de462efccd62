internal import API
internal import ArgumentParser
internal import HummingbirdCore
internal import Logging
internal import Postgres
internal import Primitives
internal import Redis
internal import Secrets
internal import ServiceLifecycle
internal import Tenancy

/// Does jobs, and nothing else; told to end, running jobs finish or are given back.
///
/// Health and metrics are on a port of its own, up to the end.
struct Work: ServiceCommand {
    static let configuration = CommandConfiguration(abstract: "Do jobs, apart from serving the API.")

    /// Whoever watches needs few.
    private static let connections = 64

    static func services(
        _ configuration: Configuration,
        registry: PrometheusRegistry,
        logger: Logger
    ) async throws -> [any Service] {
        let masterKey = try MasterKey(configuration.masterKey.exposed)
        var pools: [PostgresPool] = []
        for role in [PostgresRole.app, .worker] {
            let pool = configuration.database.pool(as: role, masterKey)
            try await House.requireRowSecurity(pool, logger)
            pools.append(PostgresPool(configuration: pool, logger: logger))
        }
        let (app, worker) = (pools[0], pools[1])
        let redis = try RedisClient(configuration: configuration.redis(), logger: logger)
        let workshop = try Workshop(
            configuration,
            masterKey: masterKey,
            app: app,
            worker: worker,
            redis: redis,
            hasWorkers: true,
            logger: logger
        )
        let gauges = DependencyGauges(app: app, worker: worker, redis: redis)
        let drain = DrainSwitch()
        let status = ServiceStatus(
            version: Agentes.version,
            metricsToken: configuration.metricsToken,
            metrics: {
                gauges.record()
                return registry.exposition
            },
            dependencies: { await House.dependencies(app: app, redis: redis) }
        )
        let http = House.http(
            API.statusResponder(
                status,
                limiter: RateLimiter(redis: redis, policies: configuration.limits.policies),
                drain: drain
            ),
            at: .hostname(configuration.host, port: configuration.workPort),
            connections: connections,
            clock: .system,
            logger: logger
        )
        return [app, worker, redis, http] + workshop.services + [DrainService(drain: drain)]
    }
}
