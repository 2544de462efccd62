public import Postgres
public import Primitives

/// A transaction of one tenant: row-level security shows it that tenant's rows and no others.
///
/// Only `TenantDatabase` makes one, so a function that takes a `TenantTransaction` cannot be called without a tenant.
public struct TenantTransaction: Sendable {
    public let tenantID: TenantID
    /// By whose hand it was opened.
    public let origin: Origin
    private let transaction: PostgresTransaction

    init(tenantID: TenantID, origin: Origin, transaction: PostgresTransaction) {
        self.tenantID = tenantID
        self.origin = origin
        self.transaction = transaction
    }

    public func query<S: Statement>(_ statement: S) async throws -> [S.Row] {
        try await transaction.query(statement)
    }

    /// The first row, or nil.
    public func queryFirst<S: Statement>(_ statement: S) async throws -> S.Row? {
        try await transaction.queryFirst(statement)
    }

    /// - Returns: how many rows were affected.
    @discardableResult
    public func execute<C: Command>(_ command: C) async throws -> Int {
        try await transaction.execute(command)
    }

    /// Several statements in one round trip.
    public func batch<each S: Statement>(_ statements: repeat each S) async throws -> (repeat [(each S).Row]) {
        try await transaction.batch(repeat each statements)
    }
}
