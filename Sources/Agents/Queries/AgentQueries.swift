public import Postgres
internal import Primitives

extension AgentDefinition.Visibility: PostgresText {}

struct InsertAgent: Command {
    static let sql = """
        INSERT INTO agents.agent (tenant_id, id, name, description, system_prompt, model_id, temperature, max_tokens,
            tools, visibility, knowledge_base_id, interface_config, goals, created_at, updated_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
        """
    let tenantID: TenantID
    let agent: Agent

    var bindings: Bindings {
        Bindings([tenantID, agent.id] + agent.definition.columns + [agent.createdAt, agent.updatedAt])
    }
}

struct UpdateAgent: Command {
    static let sql = """
        UPDATE agents.agent SET name = $3, description = $4, system_prompt = $5, model_id = $6, temperature = $7,
            max_tokens = $8, tools = $9, visibility = $10, knowledge_base_id = $11, interface_config = $12, goals = $13,
            updated_at = $14
        WHERE tenant_id = $1 AND id = $2
        """
    let tenantID: TenantID
    let agent: Agent

    var bindings: Bindings { Bindings([tenantID, agent.id] + agent.definition.columns + [agent.updatedAt]) }
}

/// Keeps the name, under which the agent's figures are shown.
struct DeleteAgent: Command {
    static let sql = """
        UPDATE agents.agent SET description = '', system_prompt = '', tools = '[]', knowledge_base_id = NULL,
            interface_config = '{}', goals = '[]', visibility = 'private', updated_at = $3, deleted_at = $3
        WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL
        """
    let tenantID: TenantID
    let id: AgentID
    let deletedAt: Timestamp

    var bindings: Bindings { [tenantID, id, deletedAt] }
}

struct SelectAgent: Statement {
    static let sql = """
        SELECT \(Agent.columns)
        FROM agents.agent WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL
        """
    let tenantID: TenantID
    let id: AgentID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> Agent { try Agent(from: &row) }
}

struct LockAgent: Statement {
    static let sql = SelectAgent.sql + " FOR UPDATE"
    let tenantID: TenantID
    let id: AgentID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> Agent { try Agent(from: &row) }
}

/// A page and one row more.
struct SelectAgents: Statement {
    static let sql = """
        SELECT \(Agent.columns)
        FROM agents.agent
        WHERE tenant_id = $1 AND deleted_at IS NULL AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest

    var bindings: Bindings { [tenantID, request.before.createdAt, request.before.id, request.limit + 1] }

    static func decode(_ row: inout RowReader) throws -> Agent { try Agent(from: &row) }
}

/// As `SelectAgents`, of some agents only.
struct SelectAgentsAmong: Statement {
    static let sql = """
        SELECT \(Agent.columns)
        FROM agents.agent
        WHERE tenant_id = $1 AND deleted_at IS NULL AND (created_at, id) < ($2, $3) AND id = ANY ($5)
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest
    let ids: [AgentID]

    var bindings: Bindings { [tenantID, request.before.createdAt, request.before.id, request.limit + 1, ids] }

    static func decode(_ row: inout RowReader) throws -> Agent { try Agent(from: &row) }
}

struct CountAgents: Statement {
    static let sql = "SELECT count(*) FROM agents.agent WHERE tenant_id = $1 AND id = ANY ($2) AND deleted_at IS NULL"
    let tenantID: TenantID
    let ids: [AgentID]

    var bindings: Bindings { [tenantID, ids] }

    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

extension AgentDefinition {
    fileprivate var columns: [any PostgresEncodable] {
        [
            name, description, systemPrompt, modelID, temperature, maxTokens, tools, visibility, knowledgeBaseID,
            interfaceConfig, goals,
        ]
    }
}

extension Agent {
    fileprivate static let columns = """
        id, name, description, system_prompt, model_id, temperature, max_tokens, tools, visibility, knowledge_base_id,
        interface_config, goals, created_at, updated_at
        """

    /// From `columns`.
    fileprivate init(from row: inout RowReader) throws {
        let id = try row.read(AgentID.self)
        let definition = AgentDefinition(
            name: try row.read(),
            description: try row.read(),
            systemPrompt: try row.read(),
            modelID: try row.read(),
            temperature: try row.read(),
            maxTokens: try row.read(),
            tools: try row.read(),
            visibility: try row.read(),
            knowledgeBaseID: try row.read(KnowledgeBaseID?.self),
            interfaceConfig: try row.read(),
            goals: try row.read()
        )
        self.init(id: id, definition: definition, createdAt: try row.read(), updatedAt: try row.read())
    }
}
