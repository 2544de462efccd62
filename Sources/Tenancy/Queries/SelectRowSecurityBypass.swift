internal import Postgres

/// Whether the role that we are is one that row-level security does not bind.
struct SelectRowSecurityBypass: Statement {
    static let sql = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> Bool {
        try row.read()
    }
}
