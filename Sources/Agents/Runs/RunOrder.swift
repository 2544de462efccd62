internal import FoundationEssentials
internal import LanguageModels
public import Primitives

/// Who a run is.
public struct RunIdentity: Hashable, Sendable {
    public let tenantID: TenantID
    public let runID: RunID
    public let conversationID: ConversationID
    /// Of the answer.
    public let messageID: MessageID
}

/// All that it takes to make an answer that was begun.
struct RunOrder: Sendable {
    let identity: RunIdentity
    let agentID: AgentID
    let channel: Conversation.Channel
    let knowledgeBaseID: KnowledgeBaseID?
    let provider: any ChatProvider
    /// Without passages.
    let request: ChatRequest
    /// The most that the answer may take of the month's quota.
    let reservedTokens: Int
    let temperature: Double
    /// Codes of what was left out of the request, for the metadata.
    let warnings: [String]
    let language: Language
    let requestID: RequestID
    /// Of the process that began it.
    let claim: UUID
    let startedAt: Timestamp
    let start: ContinuousClock.Instant
    /// Under way since before the run was committed; nil where there is nothing to look in.
    var passages: LookUp?

    /// What is looked up in the knowledge base.
    var question: String { request.messages.last?.text ?? "" }
}
