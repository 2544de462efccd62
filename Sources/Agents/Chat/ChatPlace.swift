internal import LanguageModels

/// Where in a conversation a question comes, and what stands there before it.
struct ChatPlace: Sendable {
    let agent: AnsweringAgent
    let channel: Conversation.Channel
    /// Of the first message that comes with the request.
    let firstSequence: Int
    /// Oldest first.
    let history: [ChatMessage]
}
