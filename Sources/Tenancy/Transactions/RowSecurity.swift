public import Postgres

extension PostgresPool {
    /// Refuses to go on as a role that row-level security does not bind.
    /// - Throws: `RowSecurityBypassed`, and what Postgres throws.
    public func requireRowSecurity() async throws {
        guard try await queryFirst(SelectRowSecurityBypass()) == false else { throw RowSecurityBypassed() }
    }
}

/// Serving as this role would show every tenant's rows to any of them.
public struct RowSecurityBypassed: Error, CustomStringConvertible {
    public var description: String {
        "the database role is a superuser or has BYPASSRLS: row-level security would not hold"
    }
}
