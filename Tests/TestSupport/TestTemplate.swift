internal import FoundationEssentials
internal import Postgres
internal import Primitives

/// The migrated database that each test's is copied from: made once for each state of the migration files, brought up to
/// date once a run.
actor TestTemplate {
    static let shared = TestTemplate()

    /// By server.
    private var preparations: [String: Task<String, any Error>] = [:]

    func name() async throws -> String {
        let server = try TestServer.url.exposed
        let task = preparations[server] ?? Task { try await Self.prepare() }
        preparations[server] = task
        return try await task.value
    }

    private static let migrations = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "migrations").path

    private static func prepare() async throws -> String {
        let server = try TestDatabase.configuration(database: nil, as: nil, poolSize: 2)
        return try await PostgresPool.running(server, logger: TestDatabase.logger) { pool in
            // Held while another process may be doing the same; CREATE DATABASE cannot run inside a transaction.
            try await pool.transaction { transaction in
                _ = try await transaction.query(LockTemplate())
                let name = "agentes_template_\(try contents())"
                if try await transaction.query(SelectDatabase(name: name)).isEmpty {
                    try await pool.unsafeScript("CREATE DATABASE \(name)")
                }
                let configuration = try TestDatabase.configuration(database: name, as: nil)
                try await Bootstrap(
                    appPassword: TestServer.password(of: .app),
                    workerPassword: TestServer.password(of: .worker),
                    logger: TestDatabase.logger
                ).run(configuration)
                try await Migrator(directory: migrations, logger: TestDatabase.logger).migrate(configuration)
                return name
            }
        }
    }

    /// A short fingerprint of the migration files (FNV-1a, 64 bits).
    private static func contents() throws -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for name in try FileManager.default.contentsOfDirectory(atPath: migrations).sorted() {
            for byte in try name.utf8 + Data(contentsOf: URL(filePath: migrations).appending(path: name)) {
                hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
            }
        }
        return String(hash, radix: 16)
    }
}

private struct LockTemplate: Statement {
    static let sql = "SELECT pg_advisory_xact_lock(7018413348094665556) IS NULL"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Bool { try row.read() }
}

private struct SelectDatabase: Statement {
    static let sql = "SELECT 1 FROM pg_database WHERE datname = $1"
    let name: String
    var bindings: Bindings { [name] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
