internal import Postgres
internal import Primitives
internal import Tenancy

/// Until when it can be used.
struct InsertTicket: Statement {
    static let sql = """
        INSERT INTO tenancy.ticket (tenant_id, id, prefix, ticket_sha256, user_id, session_id, event_types, agent_id)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
        RETURNING created_at + $9::float8 * interval '1 second'
        """
    let token: TicketToken
    let id: TicketID
    let person: Principal.Person
    let topics: TicketTopics

    var bindings: Bindings {
        [
            token.tenantID, id, token.prefix, token.digest, person.userID, person.sessionID, topics.types?.sorted(),
            topics.agentID, StoredTicket.lifetime.seconds,
        ]
    }

    static func decode(_ row: inout RowReader) throws -> Timestamp { try row.read() }
}

struct SelectTicketByPrefix: Statement {
    static let sql = """
        SELECT id, ticket_sha256, user_id, session_id, event_types, agent_id,
            extract(epoch FROM now() - created_at)::float8, extract(epoch FROM now() - first_used_at)::float8
        FROM tenancy.ticket WHERE tenant_id = $1 AND prefix = $2
        """
    let tenantID: TenantID
    let prefix: String

    var bindings: Bindings { [tenantID, prefix] }

    static func decode(_ row: inout RowReader) throws -> StoredTicket {
        StoredTicket(
            id: try row.read(),
            digest: try row.read(),
            userID: try row.read(),
            sessionID: try row.read(String?.self),
            topics: TicketTopics(
                types: try row.read([String]?.self).map { Set($0) },
                agentID: try row.read(AgentID?.self)
            ),
            age: .seconds(try row.read(Double.self)),
            passAge: try row.read(Double?.self).map { .seconds($0) }
        )
    }
}

/// Of all tenants, as the worker: those that cannot be used any more, nor their passes.
struct DeleteOldTickets: Command {
    static let sql = """
        DELETE FROM tenancy.ticket WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM tenancy.ticket WHERE created_at < now() - $1::float8 * interval '1 second'
            ORDER BY created_at LIMIT $2
        ))
        """
    let age: Duration
    let limit: Int

    var bindings: Bindings { [age.seconds, limit] }
}
