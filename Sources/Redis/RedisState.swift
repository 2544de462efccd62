public import Primitives

/// How the client stands with Redis, for `/ready`.
public enum RedisState: Hashable, Sendable {
    case connected
    /// Commands fail at once; `since` is when that began, `reason` what the last attempt failed of.
    case reconnecting(since: Timestamp, reason: RedisError.Kind?)
    /// No more commands are taken.
    case shutDown
}
