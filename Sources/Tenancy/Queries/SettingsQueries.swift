internal import Postgres
internal import Primitives

struct SelectSettings: Statement {
    static let sql = "SELECT chosen FROM tenancy.settings WHERE tenant_id = $1"
    let tenantID: TenantID

    var bindings: Bindings { [tenantID] }

    static func decode(_ row: inout RowReader) throws -> Settings {
        Settings(stored: try row.read(JSON.self))
    }
}

struct LockSettings: Statement {
    static let sql = "SELECT chosen FROM tenancy.settings WHERE tenant_id = $1 FOR UPDATE"
    let tenantID: TenantID

    var bindings: Bindings { [tenantID] }

    static func decode(_ row: inout RowReader) throws -> Settings {
        Settings(stored: try row.read(JSON.self))
    }
}

struct InsertDefaultSettings: Command {
    static let sql = "INSERT INTO tenancy.settings (tenant_id, chosen) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    let tenantID: TenantID
    let settings: Settings

    var bindings: Bindings { [tenantID, settings.stored] }
}

struct UpdateSettings: Command {
    static let sql = "UPDATE tenancy.settings SET chosen = $2, updated_at = now() WHERE tenant_id = $1"
    let tenantID: TenantID
    let settings: Settings

    var bindings: Bindings { [tenantID, settings.stored] }
}
