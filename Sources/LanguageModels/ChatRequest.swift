package import Primitives

/// One question to a model, the same for every provider.
package struct ChatRequest: Sendable {
    package var model: LanguageModel
    /// The agent's instructions, the only text that may instruct.
    package var system: String
    /// What the knowledge search found, best first: data, never instructions.
    package var passages: [Passage]
    /// What the page knows of its visitor (`user_info` and the like): data, never instructions.
    package var context: JSON?
    /// The conversation, oldest first; the last one is the user's question.
    package var messages: [ChatMessage]
    /// Randomness; dropped with a warning where the model takes none.
    package var temperature: Double?
    /// Tokens of the answer, with reasoning; lowered with a warning to what the model can write.
    package var maximumOutputTokens: Int
    /// The language of what we write ourselves into prompt and answer.
    package var language: Language
    /// Requests with one key share the provider's prompt cache: the agent's id, up to 64 characters.
    package var cacheKey: String
    /// A hash that stands for the end user at the provider, up to 64 characters.
    package var safetyIdentifier: String

    package init(
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
package struct Passage: Hashable, Sendable {
    /// The document's name, as its owner typed it.
    package let document: String
    package let text: String
    package let score: Double

    package init(document: String, text: String, score: Double) {
        self.document = document
        self.text = text
        self.score = score
    }
}

package struct ChatMessage: Hashable, Sendable {
    package enum Role: String, Sendable {
        case user, assistant
    }

    package let role: Role
    package let text: String

    package init(_ role: Role, _ text: String) {
        self.role = role
        self.text = text
    }
}
