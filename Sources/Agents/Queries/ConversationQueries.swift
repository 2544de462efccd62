public import Postgres
internal import Primitives

extension Conversation.Status: PostgresText {}
extension Conversation.Channel: PostgresText {}

/// Begins a conversation, if the agent is there.
struct InsertConversation: Command {
    static let sql = """
        INSERT INTO agents.conversation
            (tenant_id, id, agent_id, channel, end_user, attribution, next_seq, created_at, updated_at)
        SELECT $1, $2, id, $4, $5, $6, $7, $8, $8
        FROM agents.agent WHERE tenant_id = $1 AND id = $3 AND deleted_at IS NULL
        """
    let tenantID: TenantID
    let id: ConversationID
    let agentID: AgentID
    let channel: Conversation.Channel
    let endUser: JSON?
    let attribution: JSON?
    /// The place after the messages that are inserted with it.
    let nextSequence: Int
    let createdAt: Timestamp

    var bindings: Bindings {
        [tenantID, id, agentID, channel, endUser, attribution, nextSequence, createdAt]
    }
}

/// Gives the next message of an agent's conversation its place, and locks the conversation until the transaction ends.
struct TakePlace: Statement {
    static let sql = """
        UPDATE agents.conversation SET next_seq = next_seq + 1, updated_at = $4
        WHERE tenant_id = $1 AND id = $2 AND agent_id = $3 AND deleted_at IS NULL
        RETURNING next_seq - 1, channel
        """
    let tenantID: TenantID
    let id: ConversationID
    let agentID: AgentID
    let now: Timestamp

    var bindings: Bindings { [tenantID, id, agentID, now] }

    static func decode(_ row: inout RowReader) throws -> (sequence: Int, channel: Conversation.Channel) {
        (try row.read(Int.self), try row.read(Conversation.Channel.self))
    }
}

struct SelectConversation: Statement {
    static let sql = """
        SELECT \(Conversation.columns)
        FROM agents.conversation WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL
        """
    let tenantID: TenantID
    let id: ConversationID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> Conversation { try Conversation(from: &row) }
}

struct LockConversation: Statement {
    static let sql = SelectConversation.sql + " FOR UPDATE"
    let tenantID: TenantID
    let id: ConversationID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> Conversation { try Conversation(from: &row) }
}

/// A page and one row more.
struct SelectConversations: Statement {
    static let sql = """
        SELECT \(Conversation.columns)
        FROM agents.conversation
        WHERE tenant_id = $1 AND deleted_at IS NULL AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest

    var bindings: Bindings { [tenantID, request.before.createdAt, request.before.id, request.limit + 1] }

    static func decode(_ row: inout RowReader) throws -> Conversation { try Conversation(from: &row) }
}

struct SelectConversationsOfAgent: Statement {
    static let sql = """
        SELECT \(Conversation.columns)
        FROM agents.conversation
        WHERE tenant_id = $1 AND deleted_at IS NULL AND (created_at, id) < ($2, $3) AND agent_id = $5
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest
    let agentID: AgentID

    var bindings: Bindings {
        [tenantID, request.before.createdAt, request.before.id, request.limit + 1, agentID]
    }

    static func decode(_ row: inout RowReader) throws -> Conversation { try Conversation(from: &row) }
}

struct SelectConversationsInStatus: Statement {
    static let sql = """
        SELECT \(Conversation.columns)
        FROM agents.conversation
        WHERE tenant_id = $1 AND deleted_at IS NULL AND (created_at, id) < ($2, $3) AND status = $5
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest
    let status: Conversation.Status

    var bindings: Bindings {
        [tenantID, request.before.createdAt, request.before.id, request.limit + 1, status]
    }

    static func decode(_ row: inout RowReader) throws -> Conversation { try Conversation(from: &row) }
}

struct SelectConversationsOfAgentInStatus: Statement {
    static let sql = """
        SELECT \(Conversation.columns)
        FROM agents.conversation
        WHERE tenant_id = $1 AND deleted_at IS NULL AND (created_at, id) < ($2, $3) AND agent_id = $5 AND status = $6
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest
    let agentID: AgentID
    let status: Conversation.Status

    var bindings: Bindings {
        [tenantID, request.before.createdAt, request.before.id, request.limit + 1, agentID, status]
    }

    static func decode(_ row: inout RowReader) throws -> Conversation { try Conversation(from: &row) }
}

/// For a key that is for some agents only.
struct SelectConversationsOfAgents: Statement {
    static let sql = """
        SELECT \(Conversation.columns)
        FROM agents.conversation
        WHERE tenant_id = $1 AND deleted_at IS NULL AND (created_at, id) < ($2, $3) AND agent_id = ANY ($5)
            AND ($6::text IS NULL OR status = $6)
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest
    let agentIDs: [AgentID]
    let status: Conversation.Status?

    var bindings: Bindings {
        [tenantID, request.before.createdAt, request.before.id, request.limit + 1, agentIDs, status]
    }

    static func decode(_ row: inout RowReader) throws -> Conversation { try Conversation(from: &row) }
}

struct UpdateConversation: Command {
    static let sql = """
        UPDATE agents.conversation SET title = $3, status = $4, metadata = $5, updated_at = $6
        WHERE tenant_id = $1 AND id = $2
        """
    let tenantID: TenantID
    let conversation: Conversation

    var bindings: Bindings {
        [
            tenantID, conversation.id, conversation.title, conversation.status, JSON.object(conversation.metadata),
            conversation.updatedAt,
        ]
    }
}

/// Leaves of a conversation what was counted: its shell, and those of its messages and runs.
struct BlankConversation: Command {
    static let sql = """
        UPDATE agents.conversation
        SET title = NULL, metadata = '{}', end_user = NULL, attribution = NULL, updated_at = $3, deleted_at = $3
        WHERE tenant_id = $1 AND id = $2
        """
    let tenantID: TenantID
    let id: ConversationID
    let deletedAt: Timestamp

    var bindings: Bindings { [tenantID, id, deletedAt] }
}

struct BlankMessages: Command {
    static let sql = """
        UPDATE agents.message SET content = '', sources = '[]', metadata = '{}'
        WHERE tenant_id = $1 AND conversation_id = $2
        """
    let tenantID: TenantID
    let conversationID: ConversationID

    var bindings: Bindings { [tenantID, conversationID] }
}

struct BlankRuns: Command {
    static let sql = """
        UPDATE agents.run SET partial_answer = NULL
        WHERE tenant_id = $1 AND conversation_id = $2 AND partial_answer IS NOT NULL
        """
    let tenantID: TenantID
    let conversationID: ConversationID

    var bindings: Bindings { [tenantID, conversationID] }
}

extension Conversation {
    fileprivate static let columns = """
        id, agent_id, channel, title, status, metadata, end_user, attribution, next_seq - 1, created_at, updated_at
        """

    /// From `columns`.
    fileprivate init(from row: inout RowReader) throws {
        self.init(
            id: try row.read(),
            agentID: try row.read(),
            channel: try row.read(),
            title: try row.read(String?.self),
            status: try row.read(),
            metadata: try row.read(JSON.self).object ?? JSONObject(),
            endUser: try row.read(JSON?.self),
            attribution: try row.read(JSON?.self),
            messageCount: try row.read(),
            createdAt: try row.read(),
            updatedAt: try row.read()
        )
    }
}
