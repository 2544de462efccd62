internal import FoundationEssentials
package import Logging
package import Postgres
internal import Primitives

/// A real database of its own, with every migration applied, dropped when the test ends.
///
/// `ops/test` starts the server and names it in `TEST_DATABASE_URL`; without it the tests fail, they do not skip.
package struct TestDatabase: Sendable {
    package let name: String
    /// As `agentes_app`: row-level security applies.
    package let app: PostgresPool
    /// As `agentes_worker`.
    package let worker: PostgresPool
    /// As the administrator of the server: for arranging and looking, never for what is tested.
    package let administrator: PostgresPool

    /// Connection data of this database as one of the roles; nil for the administrator.
    package func configuration(as role: PostgresRole? = nil, poolSize: Int = 4) throws -> PostgresConfiguration {
        try Self.configuration(database: name, as: role, poolSize: poolSize)
    }

    /// Runs `body` with a new database.
    package static func using<T: Sendable>(_ body: @Sendable (TestDatabase) async throws -> T) async throws -> T {
        let template = try await TestTemplate.shared.name()
        let name = "agentes_test_\(UUIDv7.next().uuidString.lowercased().replacing("-", with: "_"))"
        // Privileges on the database itself are not copied with it.
        try await administer(
            "CREATE DATABASE \(name) TEMPLATE \(template)",
            "GRANT CREATE ON DATABASE \(name) TO agentes_owner"
        )
        let result: Result<T, any Error>
        do {
            result = .success(try await connect(name, body))
        } catch {
            result = .failure(error)
        }
        try await administer("DROP DATABASE \(name) WITH (FORCE)")
        return try result.get()
    }

    private static func connect<T: Sendable>(
        _ name: String,
        _ body: @Sendable (TestDatabase) async throws -> T
    ) async throws -> T {
        let logger = TestDatabase.logger
        return try await PostgresPool.running(configuration(database: name, as: .app), logger: logger) { app in
            try await PostgresPool.running(configuration(database: name, as: .worker), logger: logger) { worker in
                try await PostgresPool.running(configuration(database: name, as: nil), logger: logger) {
                    administrator in
                    try await body(
                        TestDatabase(name: name, app: app, worker: worker, administrator: administrator)
                    )
                }
            }
        }
    }

    static func configuration(
        database: String?,
        as role: PostgresRole?,
        poolSize: Int = 4
    ) throws -> PostgresConfiguration {
        var configuration = PostgresConfiguration(
            url: try TestServer.url,
            user: role?.rawValue,
            password: role.map(TestServer.password),
            database: database,
            poolSize: poolSize
        )
        if role != nil, let pooler = TestServer.poolerURL, var url = URLComponents(string: configuration.url.exposed) {
            (url.host, url.port) = (pooler.host, pooler.port)
            configuration.url = Redacted(url.string ?? "")
            configuration.usesPreparedStatements = false
            configuration.isBehindTransactionPooler = true
        }
        return configuration
    }

    /// Runs commands in the server's own database, such as CREATE DATABASE.
    static func administer(_ commands: String...) async throws {
        try await PostgresPool.running(configuration(database: nil, as: nil, poolSize: 1), logger: logger) { pool in
            for command in commands { try await pool.unsafeScript(command) }
        }
    }

    package static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
