package import Postgres
package import Primitives

/// A transaction of one tenant: row-level security shows it that tenant's rows and no others.
///
/// Only `TenantDatabase` makes one, so a function that takes a `TenantTransaction` cannot be called without a tenant.
package struct TenantTransaction: Sendable {
    package let tenantID: TenantID
    /// By whose hand it was opened.
    package let origin: Origin
    private let transaction: PostgresTransaction

    init(tenantID: TenantID, origin: Origin, transaction: PostgresTransaction) {
        self.tenantID = tenantID
        self.origin = origin
        self.transaction = transaction
    }

    package func query<S: Statement>(_ statement: S) async throws -> [S.Row] {
        try await transaction.query(statement)
    }

    /// The first row, or nil.
    package func queryFirst<S: Statement>(_ statement: S) async throws -> S.Row? {
        try await transaction.queryFirst(statement)
    }

    /// - Returns: how many rows were affected.
    @discardableResult
    package func execute<C: Command>(_ command: C) async throws -> Int {
        try await transaction.execute(command)
    }

    /// Several statements in one round trip.
    package func batch<each S: Statement>(_ statements: repeat each S) async throws -> (repeat [(each S).Row]) {
        try await transaction.batch(repeat each statements)
    }
}
