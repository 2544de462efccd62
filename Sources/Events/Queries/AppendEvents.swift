public import Postgres
internal import Primitives

/// Writes events in their order, and that they wait for a position.
public struct AppendEvents: Command {
    public static let sql = """
        WITH given AS (
            SELECT * FROM unnest(
                $2::uuid[], $3::text[], $4::text[], $5::text[], $6::uuid[], $7::uuid[],
                $8::timestamptz[]
            ) WITH ORDINALITY AS given (id, type, audience, payload, agent_id, subject_id, occurred_at, ordinal)
        ), written AS (
            INSERT INTO events.event (tenant_id, id, type, audience, payload, agent_id, subject_id, occurred_at)
            SELECT $1, id, type, audience, payload,
                nullif(agent_id, '00000000-0000-0000-0000-000000000000'),
                nullif(subject_id, '00000000-0000-0000-0000-000000000000'), occurred_at
            FROM given
        )
        INSERT INTO events.pending (tenant_id, event_id) SELECT $1, id FROM given ORDER BY ordinal
        """
    private let tenantID: TenantID
    private let events: [Event]

    init(tenantID: TenantID, events: [Event]) {
        self.tenantID = tenantID
        self.events = events
    }

    public var bindings: Bindings {
        [
            tenantID, events.map(\.id), events.map(\.type), events.map(\.audience), events.map(\.payload),
            events.map { $0.agentID ?? .none }, events.map { $0.subjectID ?? .none }, events.map(\.occurredAt),
        ]
    }
}
