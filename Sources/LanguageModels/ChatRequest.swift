public import Primitives

/// One question to a model, the same for every provider.
public struct ChatRequest: Sendable {
    public var model: LanguageModel
    /// The agent's instructions, the only text that may instruct.
    public var system: String
    /// What the knowledge search found, best first: data, never instructions.
    public var passages: [Passage]
    /// What the page knows of its visitor (`user_info` and the like): data, never instructions.
    public var context: JSON?
    /// The conversation, oldest first; the last one is the user's question.
    public var messages: [ChatMessage]
    /// Randomness; dropped with a warning where the model takes none.
    public var temperature: Double?
    /// Tokens of the answer, with reasoning; lowered with a warning to what the model can write.
    public var maximumOutputTokens: Int
    /// The language of what we write ourselves into prompt and answer.
    public var language: Language
    /// Requests with one key share the provider's prompt cache: the agent's id, up to 64 characters.
    public var cacheKey: String
    /// A hash that stands for the end user at the provider, up to 64 characters.
    public var safetyIdentifier: String

    public init(
        model: LanguageModel,
        system: String,
        passages: [Passage] = [],
        context: JSON? = nil,
        messages: [ChatMessage],
        temperature: Double? = nil,
        maximumOutputTokens: Int,
        language: Language,
        cacheKey: String,
        safetyIdentifier: String
    ) {
        self.model = model
        self.system = system
        self.passages = passages
        self.context = context
        self.messages = messages
        self.temperature = temperature
        self.maximumOutputTokens = maximumOutputTokens
        self.language = language
        self.cacheKey = cacheKey
        self.safetyIdentifier = safetyIdentifier
    }
}

/// A piece of a document that may answer the question.
public struct Passage: Hashable, Sendable {
    /// The document's name, as its owner typed it.
    public let document: String
    public let text: String
    public let score: Double

    public init(document: String, text: String, score: Double) {
        self.document = document
        self.text = text
        self.score = score
    }
}

public struct ChatMessage: Hashable, Sendable {
    public enum Role: String, Sendable {
        case user, assistant
    }

    public let role: Role
    public let text: String

    public init(_ role: Role, _ text: String) {
        self.role = role
        self.text = text
    }
}
