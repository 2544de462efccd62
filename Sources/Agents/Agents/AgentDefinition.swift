package import Primitives

/// What an agent's owner writes of it; lengths and ranges are checked where a request is read.
package struct AgentDefinition: Hashable, Sendable {
    package var name: String
    package var description: String
    package var systemPrompt: String
    /// A model's id in the catalogue.
    package var modelID: String
    /// 0–2.
    package var temperature: Double
    /// Of one answer, 1–8192.
    package var maxTokens: Int
    /// An array of objects; kept as it is.
    package var tools: JSONText
    package var visibility: Visibility
    /// What its answers are looked up in.
    package var knowledgeBaseID: KnowledgeBaseID?
    /// How the widget looks, an object; kept as it is.
    package var interfaceConfig: JSONText
    /// An array of objects; kept as it is.
    package var goals: JSONText

    package enum Visibility: String, Sendable, CaseIterable {
        /// Visitors may talk to it with a publishable key.
        case `public`
        case `private`
    }

    package init(
        name: String,
        description: String,
        systemPrompt: String,
        modelID: String,
        temperature: Double = 0.7,
        maxTokens: Int = 2048,
        tools: JSONText = .emptyArray,
        visibility: Visibility = .private,
        knowledgeBaseID: KnowledgeBaseID? = nil,
        interfaceConfig: JSONText = .emptyObject,
        goals: JSONText = .emptyArray
    ) {
        self.name = name
        self.description = description
        self.systemPrompt = systemPrompt
        self.modelID = modelID
        self.temperature = temperature
        self.maxTokens = maxTokens
        self.tools = tools
        self.visibility = visibility
        self.knowledgeBaseID = knowledgeBaseID
        self.interfaceConfig = interfaceConfig
        self.goals = goals
    }
}
