public import Postgres
public import Primitives

/// The only door to tenants' rows.
///
/// The pool connects as `agentes_app`, which sees no row unless `app.tenant_id` is set; the setting lives as long as
/// one transaction, so no connection carries it to the next borrower.
///
/// Inside a transaction everything goes through the transaction: whoever waited for a second connection there would hold
/// the first meanwhile, and as many of them as there are connections would wait for each other, and everybody with them.
public struct TenantDatabase: Sendable {
    /// Whether the task has a connection of this door and must not ask for another: a debug build then stops.
    @TaskLocal package static var hasConnection = false

    private let pool: PostgresPool
    private let wake: @Sendable (WakeUpTopic) -> Void

    /// - Parameter wake: called for each topic that a transaction has asked to be told of, once it has committed.
    public init(pool: PostgresPool, wake: @escaping @Sendable (WakeUpTopic) -> Void = { _ in }) {
        self.pool = pool
        self.wake = wake
    }

    /// One statement in a transaction of its own: one round trip.
    public func query<S: Statement>(_ statement: S, in tenantID: TenantID) async throws -> [S.Row] {
        try await door { try await pool.query(statement, settings: [.tenant(tenantID)]) }
    }

    /// The first row, or nil: one round trip.
    public func queryFirst<S: Statement>(_ statement: S, in tenantID: TenantID) async throws -> S.Row? {
        try await door { try await pool.queryFirst(statement, settings: [.tenant(tenantID)]) }
    }

    /// - Returns: the number of rows affected.
    @discardableResult
    public func execute<C: Command>(_ command: C, in tenantID: TenantID) async throws -> Int {
        try await door { try await pool.execute(command, settings: [.tenant(tenantID)]) }
    }

    /// Several statements in one transaction: one round trip, all or nothing.
    public func batch<each S: Statement>(
        _ statements: repeat each S,
        in tenantID: TenantID
    ) async throws -> (repeat [(each S).Row]) {
        try await door { try await pool.batch(repeat each statements, settings: [.tenant(tenantID)]) }
    }

    /// A transaction that commits when `body` returns and is rolled back when it throws.
    /// - Parameter origin: by whose hand; what the transaction audits is put down to it.
    public func transaction<Result: Sendable>(
        in tenantID: TenantID,
        by origin: Origin = .system,
        _ body: (TenantTransaction) async throws -> Result
    ) async throws -> Result {
        let wakeUps = CommitWakeUps()
        let result = try await door {
            try await pool.transaction(settings: [.tenant(tenantID)]) { transaction in
                try await body(
                    TenantTransaction(tenantID: tenantID, origin: origin, transaction: transaction, wakeUps: wakeUps)
                )
            }
        }
        wakeUps.topics.forEach(wake)
        return result
    }

    private func door<Result>(_ body: () async throws -> Result) async throws -> Result {
        assert(!Self.hasConnection, "a second connection is asked for inside a tenant's transaction")
        return try await Self.faulting(body)
    }

    /// What callers cannot do anything about becomes a fault that says so; what the schema refused stays as it is.
    static func faulting<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch let error as PostgresError where error.code == .cancelled {
            throw CancellationError()
        } catch let error as PostgresError where error.isTransient || error.code == .poolClosed {
            throw Fault.databaseUnavailable(error)
        }
    }
}

extension SessionSetting {
    fileprivate static func tenant(_ tenantID: TenantID) -> SessionSetting {
        SessionSetting(name: "app.tenant_id", value: tenantID.description)
    }
}
