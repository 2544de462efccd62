public import Analytics
public import LanguageModels
public import Primitives

/// The making of one answer, as it is stored.
public struct Run: Hashable, Sendable {
    public let id: RunID
    public let conversationID: ConversationID
    public let agentID: AgentID
    public let userMessageID: MessageID
    /// Allotted at the start; the message is there once the run is completed, or cancelled with part of an answer.
    public let answerMessageID: MessageID
    public let state: State
    public let provider: ProviderName
    public let modelID: String
    public let temperature: Double
    /// The whole answer, or the part of it that there is; nil while it is being made.
    public let answer: String?
    /// nil where it is not known what was spent.
    public let usage: TokenUsage?
    /// nil where the model has no price.
    public let cost: Money?
    public let finishReason: FinishReason?
    public let errorCode: String?
    /// From the start to the first word.
    public let ttftMilliseconds: Int?
    public let totalMilliseconds: Int?
    public let startedAt: Timestamp
    public let finishedAt: Timestamp?

    public enum State: String, Sendable, CaseIterable {
        case running, completed, failed
        /// Its process was stopped or lost.
        case interrupted
        case cancelled
    }

    /// Why an answer ended.
    public enum FinishReason: String, Sendable, CaseIterable {
        case stop, length
        case toolLimit = "tool_limit"
        case contentFilter = "content_filter"
        case cancelled

        init(_ reason: LanguageModels.FinishReason) {
            self =
                switch reason {
                case .stop: .stop
                case .length: .length
                case .toolCalls: .toolLimit
                case .contentFilter: .contentFilter
                }
        }
    }
}
