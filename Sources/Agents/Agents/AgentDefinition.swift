public import Primitives

/// What an agent's owner writes of it; lengths and ranges are checked where a request is read.
public struct AgentDefinition: Hashable, Sendable {
    public var name: String
    public var description: String
    public var systemPrompt: String
    /// A model's id in the catalogue.
    public var modelID: String
    /// 0–2.
    public var temperature: Double
    /// Of one answer, 1–8192.
    public var maxTokens: Int
    /// An array of objects; kept as it is.
    public var tools: JSONText
    public var visibility: Visibility
    /// What its answers are looked up in.
    public var knowledgeBaseID: KnowledgeBaseID?
    /// How the widget looks, an object; kept as it is.
    public var interfaceConfig: JSONText
    /// An array of objects; kept as it is.
    public var goals: JSONText

    public enum Visibility: String, Sendable, CaseIterable {
        /// Visitors may talk to it with a publishable key.
        case `public`
        case `private`
    }

    public init(
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
