/// The pool at one moment, for `/ready` and `/metrics`.
public struct PoolState: Sendable {
    /// Connections at most.
    public let size: Int
    /// Connected, idle or lent.
    public let open: Int
    public let idle: Int
    /// Statements and transactions that wait for a connection.
    public let waiting: Int
    /// Why the last attempt to connect failed or the last connection was lost; nil since one has succeeded.
    public let lastError: PostgresError.Code?
}
