internal import Postgres
internal import Primitives
internal import TestSupport

/// What the running test's database holds, read past row-level security.
enum StoredRows {
    static func organizations() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectOrganizations())
    }

    static func members() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectMembers())
    }

    /// The types of the stored deliveries.
    static func deliveries() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectDeliveries())
    }

    /// All that the order of events could change: every column but the times of the writes.
    static func everything() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectEverything())
    }

    /// Who did what to what, in the order of the tenants' time.
    static func audit() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectAudit())
    }

    static func clear() async throws {
        try await TestDatabase.current.administrator.unsafeScript(
            """
            TRUNCATE tenancy.organization, tenancy.member, tenancy.membership_tombstone, tenancy.clerk_event,
                tenancy.user_account, tenancy.audit_entry CASCADE
            """
        )
    }
}

private protocol TextStatement: Statement where Row == String {}

extension TextStatement {
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct SelectOrganizations: TextStatement {
    static let sql = """
        SELECT concat_ws(' ', clerk_id, name, coalesce(slug, '-'), state) FROM tenancy.organization ORDER BY 1
        """
}

private struct SelectMembers: TextStatement {
    static let sql = """
        SELECT concat_ws(' ', user_id, clerk_membership_id, role, state) FROM tenancy.member ORDER BY 1
        """
}

private struct SelectDeliveries: TextStatement {
    static let sql = "SELECT type FROM tenancy.clerk_event ORDER BY 1"
}

private struct SelectEverything: TextStatement {
    static let sql = """
        SELECT 'organization ' || (to_jsonb(o) - 'created_at' - 'updated_at')::text FROM tenancy.organization o
        UNION ALL SELECT 'member ' || (to_jsonb(m) - 'created_at' - 'updated_at')::text FROM tenancy.member m
        UNION ALL SELECT 'tombstone ' || (to_jsonb(t) - 'created_at')::text FROM tenancy.membership_tombstone t
        UNION ALL SELECT 'user ' || (to_jsonb(a) - 'created_at' - 'updated_at')::text FROM tenancy.user_account a
        UNION ALL SELECT 'event ' || (to_jsonb(e) - 'received_at')::text FROM tenancy.clerk_event e
        ORDER BY 1
        """
}

private struct SelectAudit: TextStatement {
    static let sql = """
        SELECT concat_ws(' ', actor_kind, action, target_id, host, details, request_id) FROM (
            SELECT *, address AS host FROM tenancy.audit_entry ORDER BY occurred_at, id
        ) AS entry
        """
}

struct CountDeliveriesByTenant: Statement {
    static let sql = "SELECT tenant_id || ' ' || count(*) FROM tenancy.clerk_event GROUP BY tenant_id"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}
