package import Analytics
package import LanguageModels
package import Primitives

/// One thing that a client is told of an answer in the making.
///
/// Its place in the stream is exact: a client that was cut off goes on after the last one that it has.
package struct RunEvent: Hashable, Sendable {
    /// From 1, without gaps.
    package let sequence: Int
    package let timestamp: Timestamp
    package let payload: Payload

    package enum Payload: Hashable, Sendable {
        case progress(Progress)
        /// Before the answer that uses it.
        case source(Source)
        /// A piece of the text, at most `FrameText.maximumDelta` bytes as JSON.
        case answer(String)
        case metadata(Metadata)
        /// The answer is stored. The last one.
        case done(Done)
        /// There is no answer. The last one.
        case error(Failure)

        package var isTerminal: Bool {
            switch self {
            case .done, .error: true
            case .progress, .source, .answer, .metadata: false
            }
        }
    }

    package struct Progress: Hashable, Sendable {
        package let status: Status
        /// 0–100.
        package let percent: Int
        package let tool: String?

        package enum Status: String, Sendable, CaseIterable {
            case started, processing, generating, retrying, failover
            case searchingKnowledge = "searching_knowledge"
            case toolStarted = "tool_started"
            case toolFinished = "tool_finished"
            case toolFailed = "tool_failed"
        }

        init(_ status: Status, percent: Int, tool: String? = nil) {
            self.status = status
            self.percent = percent
            self.tool = tool
        }
    }

    package struct Source: Hashable, Sendable {
        /// 0–1.
        package let score: Double
        /// The document's name; cut where it is very long.
        package let name: String
        package let documentID: DocumentID
        package let knowledgeBaseID: KnowledgeBaseID
        /// At most `FrameText.maximumExcerpt` bytes as JSON.
        package let excerpt: String
    }

    package struct Metadata: Hashable, Sendable {
        package let model: String
        package let provider: ProviderName
        package let temperature: Double
        package let usage: TokenUsage?
        /// nil where the model has no price.
        package let cost: Money?
        package let sourcesCount: Int
        package let processingMilliseconds: Int
        package let ttftMilliseconds: Int?
        package let finishReason: Run.FinishReason
        /// Codes of what was left out or changed of the request.
        package let warnings: [String]
    }

    package struct Done: Hashable, Sendable {
        package let finishReason: Run.FinishReason
        /// Read from the store, not from the answer as it was made.
        package let isReplayed: Bool
    }

    package struct Failure: Error, Hashable {
        package let code: String
        /// In the language of whoever asked.
        package let message: String
        package let isRetryable: Bool
        /// Of the request that asked.
        package let requestID: RequestID

    }
}
