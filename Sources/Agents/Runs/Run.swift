package import Analytics
package import LanguageModels
package import Primitives

/// The making of one answer, as it is stored.
package struct Run: Hashable, Sendable {
    package let id: RunID
    package let conversationID: ConversationID
    package let agentID: AgentID
    package let userMessageID: MessageID
    /// Allotted at the start; the message is there once the run is completed, or cancelled with part of an answer.
    package let answerMessageID: MessageID
    package let state: State
    package let provider: ProviderName
    package let modelID: String
    package let temperature: Double
    /// The whole answer, or the part of it that there is; nil while it is being made.
    package let answer: String?
    /// nil where it is not known what was spent.
    package let usage: TokenUsage?
    /// nil where the model has no price.
    package let cost: Money?
    package let finishReason: FinishReason?
    package let errorCode: String?
    /// From the start to the first word.
    package let ttftMilliseconds: Int?
    package let totalMilliseconds: Int?
    package let startedAt: Timestamp
    package let finishedAt: Timestamp?

    package enum State: String, Sendable, CaseIterable {
        case running, completed, failed
        /// Its process was stopped or lost.
        case interrupted
        case cancelled
    }

    /// Why an answer ended.
    package enum FinishReason: String, Sendable, CaseIterable {
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
