internal import Primitives

/// What of an agent its answers depend on.
struct AnsweringAgent: Hashable, Sendable {
    let systemPrompt: String
    let modelID: String
    let temperature: Double
    let maxTokens: Int
    let knowledgeBaseID: KnowledgeBaseID?

    init(_ definition: AgentDefinition) {
        systemPrompt = definition.systemPrompt
        modelID = definition.modelID
        temperature = definition.temperature
        maxTokens = definition.maxTokens
        knowledgeBaseID = definition.knowledgeBaseID
    }
}
