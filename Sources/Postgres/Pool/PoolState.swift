/// The pool at one moment, for `/ready` and `/metrics`.
package struct PoolState: Sendable {
    /// Connections at most.
    package let size: Int
    /// Connected, idle or lent.
    package let open: Int
    package let idle: Int
    /// Statements and transactions that wait for a connection.
    package let waiting: Int
    /// Why the last attempt to connect failed or the last connection was lost; nil since one has succeeded.
    package let lastError: PostgresError.Code?
}
