internal import Postgres
internal import Primitives
internal import TestSupport

/// What the tables hold, as the administrator sees it.
enum Look {
    /// How many rows of the business tables the ledger does not have, or has otherwise, and the other way around.
    static func disagreements() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectDisagreements())
    }

    /// Meters of the ledger with how often and how much.
    static func ledger() async throws -> [String: Metered] {
        let rows = try await TestDatabase.current.administrator.query(SelectMeters())
        return Dictionary(uniqueKeysWithValues: rows.map { ($0.meter, $0) })
    }

    /// Types of events that wait for the relay, in their order.
    static func pendingEvents() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectPendingEvents())
    }

    /// All that was said, and by whom, message by message.
    static func textOfConversations() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectTexts())
    }

    static func expireLeases() async throws {
        try await TestDatabase.current.administrator.unsafeScript(
            "UPDATE agents.run SET lease_until = now() - interval '1 second' WHERE state = 'running'"
        )
    }
}

struct Metered: Sendable {
    let meter: String
    let count: Int
    let quantity: ExactDecimal
    let amount: ExactDecimal
}

private struct SelectDisagreements: Statement {
    static let sql = """
        WITH counted AS (
            SELECT tenant_id, event_key, meter, quantity, occurred_at FROM analytics.usage_event
            WHERE meter NOT LIKE 'answer.%' AND meter <> 'human.requested'
        )
        (SELECT 'not in the ledger: ' || b::text FROM (TABLE agents.billable EXCEPT ALL TABLE counted) AS b)
        UNION ALL
        (SELECT 'only in the ledger: ' || c::text FROM (TABLE counted EXCEPT ALL TABLE agents.billable) AS c)
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct SelectMeters: Statement {
    static let sql = "SELECT meter, count(*), sum(quantity), sum(amount) FROM analytics.usage_event GROUP BY meter"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Metered {
        Metered(meter: try row.read(), count: try row.read(), quantity: try row.read(), amount: try row.read())
    }
}

private struct SelectPendingEvents: Statement {
    static let sql = """
        SELECT e.type FROM events.pending p JOIN events.event e ON e.tenant_id = p.tenant_id AND e.id = p.event_id
        ORDER BY p.ingest_txn, p.ordinal
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct SelectTexts: Statement {
    static let sql = """
        SELECT concat(m.content, c.title, c.end_user, c.attribution) FROM agents.conversation c
        JOIN agents.message m USING (tenant_id)
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}
