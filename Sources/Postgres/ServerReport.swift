/// The fields of an error message of the server (Postgres, "Error and Notice Message Fields").
///
/// Its texts may quote values.
public struct ServerReport: Sendable, Hashable {
    /// `ERROR`, or `FATAL` and `PANIC`, which end the session; never translated.
    public let severity: String
    public let sqlState: SQLState
    public let message: String
    public let detail: String?
    public let hint: String?
    public let schema: String?
    public let table: String?
    public let column: String?
    public let constraint: String?
    /// Where in the SQL, in characters from 1.
    public let position: Int?
}
