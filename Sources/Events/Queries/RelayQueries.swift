internal import Postgres
internal import Primitives

/// Takes the relay's lock until the transaction ends, if nobody has it.
struct TryRelayLock: Statement {
    static let sql = "SELECT pg_try_advisory_xact_lock(hashtextextended('events.relay', 0))"

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> Bool {
        try row.read(Bool.self)
    }
}

/// Gives the oldest pending events their positions, and reads those that are for tenants.
///
/// They are taken by their places in the table, which nobody else changes under the relay's lock: by their keys, a plan
/// for any limit would read the whole backlog.
struct RelayPending: Statement {
    static let sql = """
        WITH taken AS (
            DELETE FROM events.pending
            WHERE ctid = ANY (ARRAY(SELECT ctid FROM events.pending ORDER BY ingest_txn, ordinal LIMIT $1))
            RETURNING tenant_id, event_id, ingest_txn, ordinal
        ), logged AS (
            INSERT INTO events.log (tenant_id, event_id)
            SELECT tenant_id, event_id FROM taken ORDER BY ingest_txn, ordinal
            RETURNING tenant_id, event_id, position
        )
        SELECT logged.tenant_id, logged.event_id, type, payload, subject_id, occurred_at, position
        FROM logged
        LEFT JOIN events.event ON event.tenant_id = logged.tenant_id AND event.id = logged.event_id
            AND audience = 'tenant'
        ORDER BY position
        """
    let limit: Int

    var bindings: Bindings { [limit] }

    /// nil for one that is not for its tenant.
    static func decode(_ row: inout RowReader) throws -> RelayedEvent? {
        let tenantID = try row.read(TenantID.self)
        let id = try row.read(EventID.self)
        guard let type = try row.read(EventType?.self) else {
            row.skipRemaining()
            return nil
        }
        return RelayedEvent(
            tenantID: tenantID,
            id: id,
            type: type,
            payload: try row.read(),
            subjectID: try row.read(SubjectID?.self),
            occurredAt: try row.read(),
            position: try row.read()
        )
    }
}
