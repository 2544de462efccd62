package import Primitives

/// A partial update: nil keeps what is stored; `.some(nil)` clears what may be absent.
package struct AgentChanges: Hashable, Sendable {
    package var name: String?
    package var description: String?
    package var systemPrompt: String?
    package var modelID: String?
    package var temperature: Double?
    package var maxTokens: Int?
    package var tools: JSONText?
    package var visibility: AgentDefinition.Visibility?
    package var knowledgeBaseID: KnowledgeBaseID??
    package var interfaceConfig: JSONText?
    package var goals: JSONText?

    package init() {}

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
