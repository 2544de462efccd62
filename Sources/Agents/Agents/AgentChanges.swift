public import Primitives

/// A partial update: nil keeps what is stored; `.some(nil)` clears what may be absent.
public struct AgentChanges: Hashable, Sendable {
    public var name: String?
    public var description: String?
    public var systemPrompt: String?
    public var modelID: String?
    public var temperature: Double?
    public var maxTokens: Int?
    public var tools: JSONText?
    public var visibility: AgentDefinition.Visibility?
    public var knowledgeBaseID: KnowledgeBaseID??
    public var interfaceConfig: JSONText?
    public var goals: JSONText?

    public init() {}

    func applied(to definition: AgentDefinition) -> AgentDefinition {
        var result = definition
        result.name = name ?? result.name
        result.description = description ?? result.description
        result.systemPrompt = systemPrompt ?? result.systemPrompt
        result.modelID = modelID ?? result.modelID
        result.temperature = temperature ?? result.temperature
        result.maxTokens = maxTokens ?? result.maxTokens
        result.tools = tools ?? result.tools
        result.visibility = visibility ?? result.visibility
        result.knowledgeBaseID = knowledgeBaseID ?? result.knowledgeBaseID
        result.interfaceConfig = interfaceConfig ?? result.interfaceConfig
        result.goals = goals ?? result.goals
        return result
    }
}
