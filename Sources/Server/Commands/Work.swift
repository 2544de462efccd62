internal import ArgumentParser
internal import Logging
internal import Postgres
internal import Primitives
internal import Redis
internal import Secrets
internal import ServiceLifecycle
internal import Tenancy

/// Does jobs, and nothing else; told to end, running jobs finish or are given back.
struct Work: ServiceCommand {
    static let configuration = CommandConfiguration(abstract: "Do jobs, apart from serving the API.")

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
        let redis = try RedisClient(configuration: configuration.redis(), logger: logger)
        let workshop = try Workshop(
            configuration,
            masterKey: masterKey,
            app: pools[0],
            worker: pools[1],
            redis: redis,
            logger: logger
        )
        logger.notice("working")
        return pools + [redis] + workshop.services
    }
}
