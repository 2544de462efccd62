internal import Agents
internal import HTTPTypes
internal import Knowledge
internal import Primitives
internal import Tenancy

/// Agents, their tenant's own.
struct AgentRoutes {
    let agents: AgentService

    var endpoints: [TenantEndpoint] {
        [
            .write(
                .post,
                "/agents",
                "Create an agent",
                .data(.agent, status: .created),
                audit: .of(.agentCreated, \.id),
                faults: Self.faults
            ) { (input: NewAgent, transaction, _) in
                let settings = try await transaction.settings()
                return try await agents.create(input.body.definition(settings), in: transaction)
            },
            .read("/agents", "List agents, newest first", .page(of: .agent)) {
                (input: PageFields, context) in
                let ids = context.tenant.principal.agentIDs
                return try await agents.agents(input.page, among: ids, in: context.tenant.tenantID)
            },
            .read("/agents/{agent_id}", "Read an agent", .data(.agent), faults: [.agentNotFound]) {
                (input: AgentPath, context) in
                try context.tenant.require(input.id)
                return try await agents.agent(input.id, in: context.tenant.tenantID)
            },
            .write(
                .patch,
                "/agents/{agent_id}",
                "Change some of an agent",
                .data(.agent),
                audit: .of(.agentUpdated, \.id),
                faults: Self.faults
            ) { (input: AgentChange, transaction, _) in
                try await agents.update(input.id, input.body.changes, in: transaction)
            },
            .write(
                .put,
                "/agents/{agent_id}",
                "Replace an agent",
                .data(.agent),
                audit: .of(.agentReplaced, \.id),
                faults: Self.faults
            ) { (input: AgentReplacement, transaction, _) in
                let settings = try await transaction.settings()
                return try await agents.replace(input.id, input.body.definition(settings), in: transaction)
            },
            .write(
                .delete,
                "/agents/{agent_id}",
                "Delete an agent; its conversations stay",
                .deleted,
                audit: .named(.agentDeleted, \.id),
                faults: [.agentNotFound]
            ) { (input: AgentPath, transaction, _) in
                try await agents.delete(input.id, in: transaction)
            },
        ]
    }

    private static let faults: [Fault.Code] = [.agentNotFound, .knowledgeBaseNotFound, .unknownModel]
}

struct PageFields: RequestFields {
    let page: PageRequest

    init(from request: inout RequestReader) {
        page = request.page()
    }
}

struct AgentPath: RequestFields {
    let id: AgentID

    init(from request: inout RequestReader) {
        id = request.path("agent_id", .id(), "The agent.")
    }
}

private struct NewAgent: RequestFields {
    let body: AgentBody

    init(from request: inout RequestReader) {
        body = request.body(AgentBody.self)
    }
}

private struct AgentReplacement: RequestFields {
    let id: AgentID
    let body: AgentBody

    init(from request: inout RequestReader) {
        id = request.path("agent_id", .id(), "The agent.")
        body = request.body(AgentBody.self)
    }
}

private struct AgentChange: RequestFields {
    let id: AgentID
    let body: AgentChangesBody

    init(from request: inout RequestReader) {
        id = request.path("agent_id", .id(), "The agent.")
        body = request.body(AgentChangesBody.self)
    }
}

/// The fields of an agent that its owner writes: each with its bounds, once.
private enum AgentFields {
    static let readOnly: Set = ["id", "created_at", "updated_at"]
    /// What is said of each field that shares this bound.
    static let shared =
        "; tools, interface_config and goals at most \(AgentDefinition.maximumJSONSize) bytes of JSON together."

    static let name = Field.name(1...100).example("Vendas")
    static let description = Field.text(1...1000).example("Tira dúvidas sobre planos e preços.")
    static let systemPrompt = Field.text(10...5000).example("Você é um atendente cordial da loja Exemplo.")
    static let modelID = Field.name(1...100).example("local")
    static let temperature = Field.number(0...2)
    static let maxTokens = Field.integer(1...8192)
    static let tools = Field<[JSONObject]>.list(of: .freeObject(maximumBytes: 16_384), 0...50)
    static let visibility = Field.oneOf(AgentDefinition.Visibility.self, placeholder: .private)
    static let knowledgeBaseID = Field<KnowledgeBaseID>.id()
    static let interfaceConfig = Field.freeObject(maximumBytes: 16_384)
    static let goals = Field<[JSONObject]>.list(of: .freeObject(maximumBytes: 4096), 0...50)
}

private struct AgentBody: FieldList {
    static let schemaName = "AgentInput"
    static let unknownFields = UnknownFields.refused(exceptReadOnly: AgentFields.readOnly)

    private let written: AgentDefinition
    private let modelID: String?
    private let temperature: Double?
    private let maxTokens: Int?

    init(from fields: inout FieldReader) {
        modelID = fields.optional("model_id", AgentFields.modelID, "One of /models; the organisation's default.")
        temperature = fields.optional("temperature", AgentFields.temperature, "The organisation's default.")
        maxTokens = fields.optional("max_tokens", AgentFields.maxTokens, "Of one answer; the organisation's default.")
        written = AgentDefinition(
            name: fields.required("name", AgentFields.name, "What the agent is called."),
            description: fields.required("description", AgentFields.description, "What the agent is for."),
            systemPrompt: fields.required("system_prompt", AgentFields.systemPrompt, "The agent's instructions."),
            modelID: "",
            tools: JSONText(
                objects: fields.optional(
                    "tools",
                    AgentFields.tools,
                    default: [],
                    [],
                    "What the agent can call\(AgentFields.shared)"
                )
            ),
            visibility: fields.optional(
                "visibility",
                AgentFields.visibility,
                default: .private,
                "private",
                "Whether visitors may talk to it."
            ),
            knowledgeBaseID: fields.optional(
                "knowledge_base_id",
                AgentFields.knowledgeBaseID,
                "What its answers rest on."
            ),
            interfaceConfig: JSONText(
                .object(
                    fields.optional(
                        "interface_config",
                        AgentFields.interfaceConfig,
                        default: JSONObject(),
                        [:],
                        "How the widget looks\(AgentFields.shared)"
                    )
                )
            ),
            goals: JSONText(
                objects: fields.optional(
                    "goals",
                    AgentFields.goals,
                    default: [],
                    [],
                    "What counts as success\(AgentFields.shared)"
                )
            )
        )
    }

    func definition(_ settings: Settings) -> AgentDefinition {
        var definition = written
        definition.modelID = modelID ?? settings.defaultModel
        definition.temperature = temperature ?? settings.defaultTemperature
        definition.maxTokens = maxTokens ?? settings.maximumTokens
        return definition
    }
}

private struct AgentChangesBody: FieldList {
    static let schemaName = "AgentChanges"
    static let unknownFields = UnknownFields.refused(exceptReadOnly: AgentFields.readOnly)

    let changes: AgentChanges

    init(from fields: inout FieldReader) {
        var changes = AgentChanges()
        changes.name = fields.change("name", AgentFields.name, "What the agent is called.")
        changes.description = fields.change("description", AgentFields.description, "What the agent is for.")
        changes.systemPrompt = fields.change("system_prompt", AgentFields.systemPrompt, "The agent's instructions.")
        changes.modelID = fields.change("model_id", AgentFields.modelID, "One of /models.")
        changes.temperature = fields.change("temperature", AgentFields.temperature, "Randomness of the answers.")
        changes.maxTokens = fields.change("max_tokens", AgentFields.maxTokens, "Of one answer.")
        changes.tools = fields.change("tools", AgentFields.tools, "What the agent can call\(AgentFields.shared)")
            .map(JSONText.init(objects:))
        changes.visibility = fields.change("visibility", AgentFields.visibility, "Whether visitors may talk to it.")
        changes.knowledgeBaseID = fields.nullableChange(
            "knowledge_base_id",
            AgentFields.knowledgeBaseID,
            "What its answers rest on; null for nothing."
        )
        changes.interfaceConfig = fields.change(
            "interface_config",
            AgentFields.interfaceConfig,
            "How the widget looks\(AgentFields.shared)"
        ).map { JSONText(.object($0)) }
        changes.goals = fields.change("goals", AgentFields.goals, "What counts as success\(AgentFields.shared)")
            .map(JSONText.init(objects:))
        self.changes = changes
    }
}

extension Output where Value == Agent {
    static let agent = Output.object(
        "Agent",
        [
            Member("id", .id(), \.id),
            Member("name", .text, \.definition.name),
            Member("description", .text, \.definition.description),
            Member("system_prompt", .text, \.definition.systemPrompt),
            Member("model_id", .text, \.definition.modelID),
            Member("temperature", .number, \.definition.temperature),
            Member("max_tokens", .integer, \.definition.maxTokens),
            Member("tools", .list, \.definition.tools),
            Member("visibility", .name(), \.definition.visibility),
            Member("knowledge_base_id", Output<KnowledgeBaseID>.id().nullable, \.definition.knowledgeBaseID),
            Member("interface_config", .object, \.definition.interfaceConfig),
            Member("goals", .list, \.definition.goals),
            Member("created_at", .timestamp, \.createdAt),
            Member("updated_at", .timestamp, \.updatedAt),
        ]
    )
}

extension Output where Value == JSONText {
    fileprivate static let list = Output(schema: Output<JSON>.anything.list.schema) { $1.value($0) }
    fileprivate static let object = Output(schema: Output<JSONObject>.anyObject.schema) { $1.value($0) }
}

extension JSONText {
    fileprivate init(objects: [JSONObject]) {
        self.init(.array(objects.map(JSON.object)))
    }
}
