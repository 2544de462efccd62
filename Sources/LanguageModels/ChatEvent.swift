/// What every provider's stream becomes: `started`, deltas, `usage`, `finish`, in this order.
///
/// `warning` comes first of all; after `retrying`, `started` comes anew. A stream that ends without `finish` throws; it
/// tells `usage` first where something may have been spent. More cases come with tools: a `switch` over events needs a `default`.
public enum ChatEvent: Hashable, Sendable {
    /// Something of the request was left out or changed, since the model does not take it.
    case warning(ChatWarning)
    /// The provider refused for now; attempt number `attempt` (2 is the first retry) begins after the wait.
    case retrying(attempt: Int, after: Duration)
    /// The provider took the request; `model` is its own name of the model that answers, dated if it says so.
    case started(model: String)
    /// A piece of the visible answer, never empty.
    case textDelta(String)
    /// A piece of the model's reasoning, not part of the answer.
    case thinkingDelta(String)
    /// What the answer cost; once.
    case usage(TokenUsage)
    case finish(FinishReason)
}

public enum ChatWarning: String, Sendable {
    case temperatureDropped = "temperature_dropped"
    case outputLimitLowered = "output_limit_lowered"
}

/// Why an answer ended; the raw values are API.md's.
public enum FinishReason: String, Sendable {
    case stop
    case length
    case toolCalls = "tool_calls"
    case contentFilter = "content_filter"
}
