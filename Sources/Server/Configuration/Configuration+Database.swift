internal import Postgres
internal import Primitives
internal import Secrets

extension Configuration {
    struct DatabaseConfiguration: Sendable {
        /// The administrator's, for `migrate` alone; `serve` exchanges user and password.
        let url: Redacted<String>
        /// Where session state works: no transaction pooler in between.
        let directURL: Redacted<String>?
        let appURL: Redacted<String>?
        let workerURL: Redacted<String>?
        let poolSize: Int
        let usesPreparedStatements: Bool
        let isBehindTransactionPooler: Bool
        let migrationsDirectory: String

        /// The worker's.
        var workerPoolSize: Int { max(2, poolSize / 4) }

        init(from reader: inout EnvironmentReader) {
            url = Redacted(
                reader.text(
                    "DATABASE_URL",
                    "SUPABASE_DB_URL",
                    fallback: .required,
                    """
                    postgresql:// URL of the administrator, used as such by `agentes migrate` alone; `serve` connects to \
                    the same server as roles of its own that cannot pass row-level security.
                    """
                ) ?? ""
            )
            directURL = reader.text(
                "DATABASE_DIRECT_URL",
                fallback: .off,
                "The administrator's URL without a transaction pooler, for `agentes migrate`; unset, DATABASE_URL."
            ).map(Redacted.init)
            appURL = reader.text(
                "DATABASE_APP_URL",
                fallback: .off,
                "URL as agentes_app, where it cannot be DATABASE_URL with user and password exchanged."
            ).map(Redacted.init)
            workerURL = reader.text(
                "DATABASE_WORKER_URL",
                fallback: .off,
                "URL as agentes_worker, where it cannot be DATABASE_URL with user and password exchanged."
            ).map(Redacted.init)
            poolSize = reader.integer(
                "DATABASE_POOL_SIZE",
                default: 8,
                in: 2...500,
                """
                Connections to Postgres for requests, each with a thread; the worker has a quarter as many. Beyond a few \
                for each core of the database more of them wait, and nothing is faster.
                """
            )
            usesPreparedStatements = reader.boolean(
                "DATABASE_PREPARED_STATEMENTS",
                default: true,
                "false behind a transaction pooler that cannot keep them (PgBouncer before 1.21)."
            )
            isBehindTransactionPooler = reader.boolean(
                "DATABASE_BEHIND_POOLER",
                default: false,
                """
                true behind a transaction pooler: a cancelled query's connection is then closed, not kept. Let it hold \
                queries for a few seconds only (PgBouncer: query_wait_timeout), or requests wait while Postgres is away.
                """
            )
            migrationsDirectory = reader.value(
                "MIGRATIONS_DIRECTORY",
                default: "migrations",
                "Folder of the numbered migration files, for `agentes migrate`.",
                mustBe: "a folder"
            ) { $0 }
        }
    }
}

extension Configuration.DatabaseConfiguration {
    /// The same server as the administrator's, as one of our roles.
    func pool(as role: PostgresRole, _ masterKey: MasterKey) -> PostgresConfiguration {
        let own = role == .app ? appURL : workerURL
        var pool = PostgresConfiguration(url: own ?? url)
        if own == nil {
            pool.user = role.rawValue
            pool.password = masterKey.password(of: role)
        }
        pool.poolSize = role == .app ? poolSize : workerPoolSize
        // Ten seconds above the role's statement_timeout.
        pool.answerTimeout = role == .app ? .seconds(40) : .seconds(310)
        pool.usesPreparedStatements = usesPreparedStatements
        pool.isBehindTransactionPooler = isBehindTransactionPooler
        return pool
    }

    /// One connection of the worker's that nothing else waits for or holds, so that revocations are read every two seconds;
    /// where it falls silent there is soon another.
    func revocationPool(_ masterKey: MasterKey) -> PostgresConfiguration {
        var pool = pool(as: .worker, masterKey)
        pool.poolSize = 1
        pool.waitingDeadline = .seconds(2)
        pool.answerTimeout = .seconds(2)
        return pool
    }
}
