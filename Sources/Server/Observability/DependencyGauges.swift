internal import Metrics
internal import Postgres
internal import Redis

/// What the server stands on, in figures, read when `/metrics` is.
struct DependencyGauges: Sendable {
    let app: PostgresPool
    let worker: PostgresPool
    let redis: RedisClients

    func record() {
        for (name, pool) in [("app", app), ("worker", worker)] {
            let state = pool.state
            gauge("postgres_pool_size", state.size, pool: name)
            gauge("postgres_pool_open", state.open, pool: name)
            gauge("postgres_pool_idle", state.idle, pool: name)
            gauge("postgres_pool_waiting", state.waiting, pool: name)
        }
        Meter(label: "redis_connected").set(redis.isConnected ? 1 : 0)
    }

    private func gauge(_ name: String, _ value: Int, pool: String) {
        Meter(label: name, dimensions: [("pool", pool)]).set(value)
    }
}
