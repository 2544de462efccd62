/// SQL, written once, as a type: the text, the values that are bound, and the row that comes back.
///
/// The text is static, so a value can only be a bind. `sql` is also the key under which a connection keeps the
/// statement prepared.
///
///     struct SelectAgent: Statement {
///         static let sql = "SELECT id, name FROM agents.agent WHERE tenant_id = $1 AND id = $2"
///         let tenant: TenantID
///         let id: AgentID
///         var bindings: Bindings { [tenant, id] }
///         static func decode(_ row: inout RowReader) throws -> (AgentID, String) {
///             (try row.read(AgentID.self), try row.read(String.self))
///         }
///     }
public protocol Statement: Sendable {
    associatedtype Row: Sendable
    /// One SQL command with placeholders `$1`, `$2`, …
    static var sql: String { get }
    var bindings: Bindings { get }
    /// What holds while it runs, and to the end of its transaction; nothing unless it says so.
    static var settings: [SessionSetting] { get }
    /// Reads every column, in the order of the select list; called once a row.
    static func decode(_ row: inout RowReader) throws -> Row
}

extension Statement {
    public static var settings: [SessionSetting] { [] }
}

/// A statement that returns nothing to decode; its result is the number of rows it affected.
public protocol Command: Statement where Row == Void {}

extension Command {
    public static func decode(_ row: inout RowReader) throws {
        row.skipRemaining()
    }
}

/// A setting that holds for one transaction only: sent as `set_config(name, value, true)`, so that no later borrower
/// of the connection can see it.
public struct SessionSetting: Sendable, Hashable {
    public let name: String
    public let value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
