public import Postgres
internal import Primitives

extension Message.Role: PostgresText {}

/// What came with one request, in its order.
struct InsertMessages: Command {
    static let sql = """
        INSERT INTO agents.message
            (tenant_id, conversation_id, created_at, id, seq, role, content, is_imported, metadata)
        SELECT $1, $2, $3, *
        FROM unnest($4::uuid[], $5::int[], $6::text[], $7::text[], $8::boolean[], $9::jsonb[])
        """
    let tenantID: TenantID
    let conversationID: ConversationID
    let messages: [NewMessage]
    let createdAt: Timestamp

    var bindings: Bindings {
        [
            tenantID, conversationID, createdAt, messages.map(\.id), messages.map { Int32($0.sequence) },
            messages.map(\.role), messages.map(\.content), messages.map(\.isImported),
            messages.map { JSON.object($0.metadata) },
        ]
    }
}

/// The answer of a run, at the next place of its conversation.
struct InsertAnswer: Command {
    static let sql = """
        WITH place AS (
            UPDATE agents.conversation SET next_seq = next_seq + 1, updated_at = $8
            WHERE tenant_id = $1 AND id = $2
            RETURNING next_seq - 1 AS seq
        )
        INSERT INTO agents.message
            (tenant_id, conversation_id, id, seq, role, content, is_imported, run_id, sources, metadata, created_at)
        SELECT $1, $2, $3, seq, 'assistant', $4, false, $5, $6, $7, $8 FROM place
        """
    let tenantID: TenantID
    let conversationID: ConversationID
    let id: MessageID
    let content: String
    let runID: RunID
    let sources: [JSON]
    let metadata: JSON
    let createdAt: Timestamp

    var bindings: Bindings {
        [tenantID, conversationID, id, content, runID, JSON.array(sources), metadata, createdAt]
    }
}

/// A page and one message more, the newest first.
///
/// The cursor's message gives the place, since the clocks of two servers may put times in another order than that of the
/// conversation. The whole place is one subquery: row-level security takes `coalesce` for leaky, and lets no index serve
/// a condition that has it.
struct SelectMessages: Statement {
    static let sql = """
        SELECT id, conversation_id, seq, role, content, is_imported, run_id, sources, metadata, created_at
        FROM agents.message
        WHERE tenant_id = $1 AND conversation_id = $2 AND seq < (
            SELECT coalesce(max(seq) FILTER (WHERE conversation_id = $2), 2147483647)
            FROM agents.message WHERE tenant_id = $1 AND id = $3
        )
        ORDER BY seq DESC LIMIT $4
        """
    let tenantID: TenantID
    let conversationID: ConversationID
    let request: PageRequest

    var bindings: Bindings { [tenantID, conversationID, request.after?.id, request.limit + 1] }

    static func decode(_ row: inout RowReader) throws -> Message {
        Message(
            id: try row.read(),
            conversationID: try row.read(),
            sequence: try row.read(),
            role: try row.read(),
            content: try row.read(),
            isImported: try row.read(),
            runID: try row.read(RunID?.self),
            sources: try row.read(JSON.self).array ?? [],
            metadata: try row.read(JSON.self).object ?? JSONObject(),
            createdAt: try row.read()
        )
    }
}

/// What was said last before a place, the newest first.
struct SelectHistory: Statement {
    static let sql = """
        SELECT role, content FROM agents.message
        WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY seq DESC LIMIT $3
        """
    let tenantID: TenantID
    let conversationID: ConversationID
    let limit: Int

    var bindings: Bindings { [tenantID, conversationID, limit] }

    static func decode(_ row: inout RowReader) throws -> (role: Message.Role, content: String) {
        (try row.read(Message.Role.self), try row.read(String.self))
    }
}
