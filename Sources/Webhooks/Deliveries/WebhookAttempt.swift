public import Postgres
public import Primitives

/// One try to send a delivery: a row that was committed before anything was sent.
public struct WebhookAttempt: Sendable, Hashable {
    /// From 1, within the delivery.
    public let number: Int
    public let trigger: Trigger
    public let outcome: Outcome
    /// Where to, at that time.
    public let url: String
    public let startedAt: Timestamp
    public let finishedAt: Timestamp?
    public let duration: Duration?
    /// nil where nothing was answered; then `error` says why.
    public let response: Response?
    /// A stable name such as `timed_out`, `connect_failed`, `address_blocked`; nil where there was an answer.
    public let error: String?

    public enum Trigger: String, Sendable, PostgresText, CaseIterable {
        /// The event itself, or the schedule after a failure.
        case automatic
        /// Somebody asked for it.
        case manual
        case replay
        /// A test event.
        case test
        /// Whether a disabled endpoint works again.
        case probe
    }

    public enum Outcome: String, Sendable, PostgresText, CaseIterable {
        /// Under way; or its process was lost, and nobody knows what arrived.
        case unknown
        case succeeded
        case failed
    }

    public struct Response: Sendable, Hashable {
        public let status: Int
        /// `[[name, value], …]`, as many as fit into 8 KiB.
        public let headers: JSONText
        /// The first 16 KiB.
        public let body: [UInt8]
        /// Whether there was more.
        public let isBodyCut: Bool
        /// The address that answered.
        public let address: String
    }
}
