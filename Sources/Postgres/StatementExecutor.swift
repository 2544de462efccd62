/// What runs statements: the pool (each call its own transaction) or a transaction (each call a part of it).
public protocol StatementExecutor: Sendable {
    /// All rows.
    func query<S: Statement>(_ statement: S) async throws -> [S.Row]
    /// - Returns: the number of rows affected.
    @discardableResult
    func execute<C: Command>(_ command: C) async throws -> Int
    /// Several statements in one round trip; if one fails, none took effect.
    func batch<each S: Statement>(_ statements: repeat each S) async throws -> (repeat [(each S).Row])
}

extension StatementExecutor {
    /// The first row, or nil when there is none.
    public func queryFirst<S: Statement>(_ statement: S) async throws -> S.Row? {
        try await query(statement).first
    }
}
