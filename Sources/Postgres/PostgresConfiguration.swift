public import Primitives

/// How to reach Postgres, and how much of it to use.
public struct PostgresConfiguration: Sendable {
    /// A connection URL (`postgres://user:password@host:port/database?sslmode=verify-full`) or libpq's `key=value`
    /// form; every parameter that libpq knows is honoured, so TLS is `sslmode` and `sslrootcert`.
    public var url: Redacted<String>
    /// Takes the place of the URL's user; nil leaves it.
    public var user: String?
    /// Takes the place of the URL's password; nil leaves it.
    public var password: Redacted<String>?
    /// Takes the place of the URL's database; nil leaves it.
    public var database: String?
    /// Connections at most, each with a thread of its own; opened when first needed.
    ///
    /// Default 8: on two cores more did not raise throughput. More than `max_connections` of the server allows only
    /// makes connecting fail.
    public var poolSize = 8
    /// How long a statement may wait for a free connection before it fails with `poolExhausted` (or, when no connection
    /// can be opened at all, with why not).
    ///
    /// Default 5 s: longer than any write of ours, shorter than a client waits.
    public var waitingDeadline = Duration.seconds(5)
    /// Statements and transactions that may wait at once; further ones fail immediately with `poolExhausted`.
    ///
    /// Default 2,048.
    public var maximumWaiting = 2048
    /// How long one attempt to connect may take, TLS and authentication included.
    ///
    /// Default 5 s. Name resolution is libpq's and is not bounded by it.
    public var connectTimeout = Duration.seconds(5)
    /// How long the server may say nothing to a statement before its connection is given up, the outcome being unknown.
    ///
    /// Default nil, for ever: a server that hangs still acknowledges packets, so nothing else would notice. Must be longer
    /// than the role's `statement_timeout`.
    public var answerTimeout: Duration?
    /// Keep statements prepared on each connection.
    ///
    /// Default true. Switch it off behind a pooler that cannot follow prepared statements (PgBouncer below 1.21): each
    /// statement is then parsed and planned each time.
    public var usesPreparedStatements = true
    /// Prepared statements kept on a connection at most; the least recently used one goes first.
    ///
    /// Default 256, above what the house has; each costs the server some 10 KB.
    public var maximumPreparedStatements = 256
    /// A transaction pooler (PgBouncer, Supavisor) stands in between.
    ///
    /// Default false. If true, a connection whose statement was cancelled is closed, since the cancel may reach the
    /// pooler's next borrower.
    public var isBehindTransactionPooler = false
    /// What the server shows in `pg_stat_activity`.
    ///
    /// Default `agentes`.
    public var applicationName = "agentes"

    public init(
        url: Redacted<String>,
        user: String? = nil,
        password: Redacted<String>? = nil,
        database: String? = nil,
        poolSize: Int = 8
    ) {
        self.url = url
        self.user = user
        self.password = password
        self.database = database
        self.poolSize = poolSize
    }
}
