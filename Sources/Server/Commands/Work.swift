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
        let app = PostgresPool(configuration: configuration.database.pool(as: .app, masterKey), logger: logger)
        let worker = PostgresPool(configuration: configuration.database.pool(as: .worker, masterKey), logger: logger)
        for role in [PostgresRole.app, .worker] {
            try await House.requireRowSecurity(configuration.database.pool(as: role, masterKey), logger)
        }
        let redis = try RedisClient(configuration: configuration.redis(), logger: logger)
        let wakeUps = WakeUpChannel(redis: redis)
        let workshop = try Workshop(
            database: TenantDatabase(pool: app, wake: wakeUps.wake),
            worker: worker,
            wakeUps: wakeUps,
            logger: logger
        )
        logger.notice("working")
        return [app, worker, redis, wakeUps] + workshop.services
    }
}
