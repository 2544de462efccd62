public import Analytics
public import LanguageModels
public import Primitives

/// One thing that a client is told of an answer in the making.
///
/// Its place in the stream is exact: a client that was cut off goes on after the last one that it has.
public struct RunEvent: Hashable, Sendable {
    /// From 1, without gaps.
    public let sequence: Int
    public let timestamp: Timestamp
    public let payload: Payload

    public enum Payload: Hashable, Sendable {
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

        public var isTerminal: Bool {
            switch self {
            case .done, .error: true
            case .progress, .source, .answer, .metadata: false
            }
        }
    }

    public struct Progress: Hashable, Sendable {
        public let status: Status
        /// 0–100.
        public let percent: Int
        public let tool: String?

        /// All that the contract names; with no tools and one model an answer, some are never told yet.
        public enum Status: String, Sendable, CaseIterable {
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

    public struct Source: Hashable, Sendable {
        /// 0–1.
        public let score: Double
        /// The document's name; cut where it is very long.
        public let name: String
        public let documentID: DocumentID
        public let knowledgeBaseID: KnowledgeBaseID
        /// At most `FrameText.maximumExcerpt` bytes as JSON.
        public let excerpt: String
    }

    public struct Metadata: Hashable, Sendable {
        public let model: String
        public let provider: ProviderName
        public let temperature: Double
        public let usage: TokenUsage?
        /// nil where the model has no price.
        public let cost: Money?
        public let sourcesCount: Int
        public let processingMilliseconds: Int
        public let ttftMilliseconds: Int?
        public let finishReason: Run.FinishReason
        /// Codes of what was left out or changed of the request.
        public let warnings: [String]
    }

    public struct Done: Hashable, Sendable {
        public let finishReason: Run.FinishReason
        /// Read from the store, not from the answer as it was made.
        public let isReplayed: Bool
    }

    public struct Failure: Error, Hashable {
        public let code: String
        /// In the language of whoever asked.
        public let message: String
        public let isRetryable: Bool
        /// Of the request that asked.
        public let requestID: RequestID

    }
}
