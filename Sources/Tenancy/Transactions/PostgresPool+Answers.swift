public import Postgres

extension PostgresPool {
    /// Whether a statement goes through.
    public func answers() async -> Bool {
        do {
            return try await queryFirst(SelectRowSecurityBypass()) != nil
        } catch {
            return false
        }
    }
}
