public import Postgres

/// What is counted.
///
/// The list is closed: what a meter means is versioned with the code.
public enum Meter: String, Sendable, CaseIterable, PostgresText {
    case conversationStarted = "conversation.started"
    case messageIn = "message.in"
    case messageOut = "message.out"
    /// Uncached; the four meters of tokens are disjoint.
    case tokensInput = "tokens.input"
    /// Read from the provider's cache.
    case tokensCached = "tokens.cached"
    case tokensCacheWrite = "tokens.cache_write"
    /// With reasoning.
    case tokensOutput = "tokens.output"
    case toolCall = "tool.call"
    case webhookDelivery = "webhook.delivery"
    case webhookAttempt = "webhook.attempt"
    case documentIndexed = "document.indexed"
    case storageGBHour = "storage.gb_hour"
    case leadCaptured = "lead.captured"
    /// Its amount is the conversion's value.
    case conversion

    // Observations: the same table and rules, not billed.

    /// Milliseconds from the request to the first token. The observation `answer.timing` is two figures, so two rows: one
    /// row is one figure, and an answer that failed before its first token has only the other.
    case answerFirstToken = "answer.timing.first_token"
    /// Milliseconds from the request to the end of the answer.
    case answerTotal = "answer.timing.total"
    /// 1 is positive, −1 negative.
    case feedback
    case humanRequested = "human.requested"

    /// The version of these definitions that rows are written with.
    static let definitionVersion = 1
}
