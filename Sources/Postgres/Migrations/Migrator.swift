public import Logging

/// Applies the numbered files of a directory, each once, in order, as `agentes_owner`, each in a transaction of its own
/// together with its row in `public.schema_migration`.
///
/// Each transaction first takes an advisory lock and compares files and database anew, so any number of migrators may run
/// at once, and behind a transaction pooler too: nothing rests on the session.
public struct Migrator: Sendable {
    private let directory: String
    private let logger: Logger

    /// - Parameter directory: the path of the folder with `NNNN_verb_object.sql`; they run in the order of their numbers.
    public init(directory: String, logger: Logger) {
        self.directory = directory
        self.logger = logger
    }

    /// - Parameter configuration: a role that may `SET ROLE agentes_owner`; `Bootstrap` has run.
    /// - Returns: the names of the files that were applied now.
    /// - Throws: `migrationRefused` when files and database disagree, the server's error when a file fails; files
    ///   before it stay applied.
    @discardableResult
    public func migrate(_ configuration: PostgresConfiguration) async throws -> [String] {
        let files = try MigrationFile.read(directory: directory)
        var configuration = configuration
        configuration.poolSize = 1
        configuration.usesPreparedStatements = false
        return try await PostgresPool.running(configuration, logger: logger) { pool in
            var applied: [String] = []
            while let name = try await applyNext(files, pool) {
                logger.info("migration applied", metadata: ["name": "\(name)"])
                applied.append(name)
            }
            return applied
        }
    }

    /// - Returns: nil when nothing was left to do.
    private func applyNext(_ files: [MigrationFile], _ pool: PostgresPool) async throws -> String? {
        try await pool.transaction { transaction in
            try await transaction.unsafeScript(Self.preparation)
            let checksums = try await transaction.query(SelectChecksums(texts: files.map(\.sql)))
            let applied = try await transaction.query(SelectAppliedMigrations())
            let pending = try MigrationPlan.pending(Array(zip(files, checksums)), applied: applied)
            guard let next = pending.first else { return nil }
            try await transaction.unsafeScript(next.file.sql)
            guard transaction.condition == .inTransaction else {
                throw PostgresError(
                    .migrationRefused,
                    reason: "\(next.file.name) ends its transaction itself",
                    effect: .unknown
                )
            }
            _ = try await transaction.execute(InsertMigration(file: next.file, checksum: next.checksum))
            return next.file.name
        }
    }

    /// The lock's number is the ASCII of "agentesM".
    private static let preparation = """
        SELECT pg_advisory_xact_lock(7018413348094665549);
        SET LOCAL ROLE agentes_owner;
        CREATE TABLE IF NOT EXISTS public.schema_migration (
            version int8 PRIMARY KEY,
            name text NOT NULL,
            checksum bytea NOT NULL,
            applied_at timestamptz NOT NULL DEFAULT now()
        );
        """
}

private struct SelectChecksums: Statement {
    static let sql = """
        SELECT sha256(convert_to(file.text, 'UTF8'))
        FROM unnest($1::text[]) WITH ORDINALITY AS file (text, number) ORDER BY file.number
        """
    let texts: [String]

    var bindings: Bindings { [texts] }

    static func decode(_ row: inout RowReader) throws -> [UInt8] { try row.read() }
}

private struct SelectAppliedMigrations: Statement {
    static let sql = "SELECT version, name, checksum FROM public.schema_migration ORDER BY version"

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> AppliedMigration {
        AppliedMigration(version: try row.read(), name: try row.read(), checksum: try row.read())
    }
}

private struct InsertMigration: Command {
    static let sql = "INSERT INTO public.schema_migration (version, name, checksum) VALUES ($1, $2, $3)"
    let file: MigrationFile
    let checksum: [UInt8]

    var bindings: Bindings { [file.version, file.name, checksum] }
}
