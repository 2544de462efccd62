public import Postgres
public import Primitives

/// What runs a tenant's statements: a transaction for all of them, or for each a transaction of its own, which is one round
/// trip and holds no connection in between.
public protocol TenantStatements: Sendable {
    var tenantID: TenantID { get }

    func query<S: Statement>(_ statement: S) async throws -> [S.Row]
}

extension TenantTransaction: TenantStatements {}

extension TenantDatabase {
    /// Each statement in a transaction of its own.
    public func statements(of tenantID: TenantID) -> some TenantStatements {
        SingleStatements(database: self, tenantID: tenantID)
    }
}

private struct SingleStatements: TenantStatements {
    let database: TenantDatabase
    let tenantID: TenantID

    func query<S: Statement>(_ statement: S) async throws -> [S.Row] {
        try await database.query(statement, in: tenantID)
    }
}
