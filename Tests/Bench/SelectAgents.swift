internal import Postgres
internal import Primitives

/// The statement of `GET /api/v2/agents`, which `ops/bench` compares with what the server sends.
struct SelectAgents: Statement {
    static let sql = """
        SELECT id, name, description, system_prompt, model_id, temperature, max_tokens, tools, visibility,
            knowledge_base_id, interface_config, goals, created_at, updated_at
        FROM agents.agent
        WHERE tenant_id = $1 AND deleted_at IS NULL AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID

    /// The first page of 20: after everything, and a row more.
    var bindings: Bindings { [tenantID, Self.createdBefore, Self.idBefore, 21] }

    private static let createdBefore = Timestamp("9999-12-31T00:00:00Z")
    private static let idBefore = AgentID("ffffffff-ffff-ffff-ffff-ffffffffffff")

    static func decode(_ row: inout RowReader) throws -> AgentRow {
        AgentRow(
            id: try row.read(),
            name: try row.read(),
            description: try row.read(),
            systemPrompt: try row.read(),
            modelID: try row.read(),
            temperature: try row.read(),
            maxTokens: try row.read(),
            tools: try row.read(),
            visibility: try row.read(),
            knowledgeBaseID: try row.read(),
            interfaceConfig: try row.read(),
            goals: try row.read(),
            createdAt: try row.read(),
            updatedAt: try row.read()
        )
    }
}

struct AgentRow {
    let id: AgentID
    let name: String
    let description: String
    let systemPrompt: String
    let modelID: String
    let temperature: Double
    let maxTokens: Int
    let tools: JSONText
    let visibility: String
    let knowledgeBaseID: KnowledgeBaseID?
    let interfaceConfig: JSONText
    let goals: JSONText
    let createdAt: Timestamp
    let updatedAt: Timestamp
}

extension SelectAgents {
    /// The same round trip for pgbench, which binds its variables to placeholders too.
    static var pgbenchScript: String {
        let names = [":tenant", ":created_before", ":id_before", ":limit"]
        let select = zip(1..., names).reduce(sql) { $0.replacing("$\($1.0)", with: $1.1) }
        return """
            \\startpipeline
            SELECT set_config(:setting, :tenant, true);
            \(select);
            \\endpipeline
            """
    }
}
