internal import Agents
internal import Knowledge
internal import Primitives
internal import Tenancy

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

struct AgentBody: FieldList {
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

struct AgentChangesBody: FieldList {
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

extension JSONText {
    fileprivate init(objects: [JSONObject]) {
        self.init(.array(objects.map(JSON.object)))
    }
}
