internal import Postgres
internal import Primitives

/// Tenants of which a replay is unfinished, or a probe due.
struct SelectTenantsToResume: Statement {
    static let sql = """
        SELECT tenant_id FROM webhooks.replay WHERE finished_at IS NULL
        UNION SELECT tenant_id FROM webhooks.endpoint WHERE disabled_reason = 'failing' AND next_probe_at < now()
        """

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> TenantID { try row.read() }
}

/// A tenant's replays that are neither finished nor on a page at this moment, held where they are.
struct SelectUnfinishedReplays: Statement {
    static let sql = """
        SELECT id, enqueued FROM webhooks.replay
        WHERE tenant_id = $1 AND finished_at IS NULL
            AND EXISTS (SELECT FROM webhooks.endpoint WHERE endpoint.tenant_id = $1 AND endpoint.id = endpoint_id)
        FOR UPDATE SKIP LOCKED
        """
    let tenantID: TenantID

    var bindings: Bindings { [tenantID] }

    static func decode(_ row: inout RowReader) throws -> (id: WebhookReplayID, enqueued: Int) {
        (try row.read(), try row.read())
    }
}

/// A tenant's endpoints whose probe is due, and its number.
struct SelectDueProbes: Statement {
    static let sql = """
        SELECT id, probe FROM webhooks.endpoint
        WHERE tenant_id = $1 AND disabled_reason = 'failing' AND next_probe_at < now()
        """
    let tenantID: TenantID

    var bindings: Bindings { [tenantID] }

    static func decode(_ row: inout RowReader) throws -> (id: WebhookID, number: Int) {
        (try row.read(), try row.read())
    }
}
