internal import Postgres
internal import Primitives

/// The row at a position and what came after it, of all tenants: the hub's, as the worker.
struct SelectLog: Statement {
    static let sql = """
        SELECT l.tenant_id, l.position, l.event_id, e.type, e.payload, e.agent_id, e.occurred_at
        FROM events.log l
        LEFT JOIN events.event e
            ON e.tenant_id = l.tenant_id AND e.id = l.event_id AND e.audience = 'tenant'
        WHERE l.position >= $1 ORDER BY l.position LIMIT $2
        """
    let position: Int
    let limit: Int

    var bindings: Bindings { [position, limit] }

    static func decode(_ row: inout RowReader) throws -> LogEntry {
        try LogEntry(from: &row)
    }
}

/// What one tenant missed: a subscription's, under that tenant.
struct SelectMissed: Statement {
    static let sql = """
        SELECT l.tenant_id, l.position, l.event_id, e.type, e.payload, e.agent_id, e.occurred_at
        FROM events.log l
        LEFT JOIN events.event e
            ON e.tenant_id = l.tenant_id AND e.id = l.event_id AND e.audience = 'tenant'
        WHERE l.tenant_id = $1 AND l.position > $2 AND l.position <= $3 ORDER BY l.position LIMIT $4
        """
    let tenantID: TenantID
    let after: Int
    let through: Int
    let limit: Int

    var bindings: Bindings { [tenantID, after, through, limit] }

    static func decode(_ row: inout RowReader) throws -> LogEntry {
        try LogEntry(from: &row)
    }
}

/// The newest position; no row while nothing ever happened.
struct SelectLogHead: Statement {
    static let sql = "SELECT position, event_id FROM events.log ORDER BY position DESC LIMIT 1"

    var bindings: Bindings { [] }

    static func decode(_ row: inout RowReader) throws -> EventCursor {
        EventCursor(position: try row.read(Int.self), eventID: try row.read(EventID.self))
    }
}

/// What the log holds at a cursor's position, and at its ends.
struct SelectLogExtent: Statement {
    static let sql = """
        SELECT (SELECT min(position) FROM events.log),
            (SELECT max(position) FROM events.log),
            (SELECT event_id FROM events.log WHERE position = $1)
        """
    let position: Int

    var bindings: Bindings { [position] }

    static func decode(_ row: inout RowReader) throws -> LogExtent {
        LogExtent(
            lowest: try row.read(Int?.self),
            highest: try row.read(Int?.self),
            eventIDAtCursor: try row.read(EventID?.self)
        )
    }
}

extension LogEntry {
    fileprivate init(from row: inout RowReader) throws {
        let tenantID = try row.read(TenantID.self)
        let position = try row.read(Int.self)
        let id = try row.read(EventID.self)
        let cursor = EventCursor(position: position, eventID: id)
        guard let type = try row.read(EventType?.self) else {
            row.skipRemaining()
            self.init(tenantID: tenantID, cursor: cursor, event: nil)
            return
        }
        let event = LiveEvent(
            cursor: cursor,
            id: id,
            type: type,
            payload: try row.read(String.self),
            agentID: try row.read(AgentID?.self),
            occurredAt: try row.read(Timestamp.self)
        )
        self.init(tenantID: tenantID, cursor: cursor, event: event)
    }
}
