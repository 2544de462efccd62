internal import Logging
internal import Postgres
internal import Primitives
internal import Secrets
internal import Tenancy

/// Runs `body` on the server's database as one of its roles, with the server's own settings.
func withServerDatabase<Result: Sendable>(
    as role: PostgresRole,
    _ body: @Sendable (PostgresPool) async throws -> Result
) async throws -> Result {
    let configuration = try Configuration(environment: processEnvironment())
    let logger = Logger(label: "agentes.admin") {
        JSONLogHandler(label: $0, level: configuration.logLevel, errors: ErrorTracker())
    }
    let masterKey = try MasterKey(configuration.masterKey.exposed)
    return try await PostgresPool.running(configuration.database.pool(as: role, masterKey), logger: logger) { pool in
        try await pool.requireRowSecurity()
        return try await body(pool)
    }
}
