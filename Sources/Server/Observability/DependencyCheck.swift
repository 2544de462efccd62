internal import API
internal import Postgres
internal import Redis
internal import Tenancy

/// Asks what the process stands on, at most once a second however often it is asked for: nobody needs a credential to ask.
actor DependencyCheck {
    private static let lifetime = Duration.seconds(1)

    private let app: PostgresPool
    private let redis: RedisClients
    private var last: (begun: ContinuousClock.Instant, check: Task<[ServiceStatus.Dependency], Never>)?

    init(app: PostgresPool, redis: RedisClients) {
        self.app = app
        self.redis = redis
    }

    func dependencies() async -> [ServiceStatus.Dependency] {
        if let last, last.begun + Self.lifetime > .now { return await last.check.value }
        let check = Task { [app, redis] in
            let isDatabaseThere = await app.answers()
            return [
                ServiceStatus.Dependency(name: "postgres", isEssential: true, state: isDatabaseThere ? .ok : .down),
                ServiceStatus.Dependency(name: "redis", isEssential: false, state: redis.isConnected ? .ok : .down),
            ]
        }
        last = (.now, check)
        return await check.value
    }
}
