public import Postgres

extension PostgresPool {
    /// Refuses to go on as a role that row-level security does not bind.
    /// - Throws: `RowSecurityBypassed`, and what Postgres throws.
    public func requireRowSecurity() async throws {
        guard try await queryFirst(SelectOwnRole()) == false else { throw RowSecurityBypassed() }
    }

    /// Whether a statement goes through.
    public func answers() async -> Bool {
        do {
            return try await queryFirst(SelectOwnRole()) != nil
        } catch {
            return false
        }
    }
}

/// Serving as this role would show every tenant's rows to any of them.
public struct RowSecurityBypassed: Error, CustomStringConvertible {
    public var description: String {
        "the database role is a superuser or has BYPASSRLS: row-level security would not hold"
    }
}
