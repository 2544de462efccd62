internal import API
internal import Logging
internal import Outbound
internal import Postgres
internal import Primitives
internal import Redis
internal import Secrets
internal import ServiceLifecycle
internal import Tenancy
internal import Webhooks

/// What every long-lived process of ours stands on, whether it serves the API or does jobs.
struct Groundwork: Sendable {
    let configuration: Configuration
    let logger: Logger
    let masterKey: MasterKey
    let app: PostgresPool
    let worker: PostgresPool
    let redis: RedisClients
    let wakeUps: WakeUpChannel
    let database: TenantDatabase
    let limiter: RateLimiter
    let outbound: OutboundClient
    let signingKeys: SigningKeys

    /// - Throws: `ConfigurationError`; what Postgres throws if it cannot be reached or is not migrated; a refusal to run as a
    ///   role that row-level security does not bind.
    init(_ configuration: Configuration, logger: Logger) async throws {
        self.configuration = configuration
        self.logger = logger
        masterKey = try MasterKey(configuration.masterKey.exposed)
        for role in [PostgresRole.app, .worker] {
            try await Self.requireRowSecurity(configuration.database.pool(as: role, masterKey), logger)
        }
        app = PostgresPool(configuration: configuration.database.pool(as: .app, masterKey), logger: logger)
        worker = PostgresPool(configuration: configuration.database.pool(as: .worker, masterKey), logger: logger)
        let redis = try RedisClients(configuration: configuration.redis(), logger: logger)
        self.redis = redis
        wakeUps = WakeUpChannel(redis: redis.first)
        database = TenantDatabase(pool: app, wake: wakeUps.wake)
        limiter = RateLimiter(redis: redis.nearest, policies: configuration.limits.policies)
        outbound = try OutboundClient(configuration.outbound)
        signingKeys = SigningKeys(database: database, masterKey: masterKey)
    }

    /// In the order in which they start, before everything that stands on them.
    var services: [any Service] { [app, worker, redis, wakeUps] }

    /// What the process says of itself.
    func status(_ registry: PrometheusRegistry) -> ServiceStatus {
        let gauges = DependencyGauges(app: app, worker: worker, redis: redis)
        let check = DependencyCheck(app: app, redis: redis)
        return ServiceStatus(
            version: Agentes.version,
            metricsToken: configuration.metricsToken,
            metrics: {
                gauges.record()
                return registry.exposition
            },
            dependencies: check.dependencies
        )
    }

    /// Through a pool of its own: no pool keeps its deadlines before it runs, and a wrong password must end the start, not
    /// be tried for ever.
    private static func requireRowSecurity(_ configuration: PostgresConfiguration, _ logger: Logger) async throws {
        var configuration = configuration
        configuration.poolSize = 1
        try await PostgresPool.running(configuration, logger: logger) { try await $0.requireRowSecurity() }
    }
}
