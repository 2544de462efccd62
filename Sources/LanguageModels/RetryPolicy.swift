/// When a refused request is sent again.
///
/// No provider takes an idempotency key, so a request whose fate is unknown may be charged twice. Sent again is only
/// what surely was not answered: where no connection came about, and where the provider itself said so, by a status of
/// 408, 409, 429 or 5xx or by an error in the stream, before the first delta. A connection lost or timed out after the
/// request was sent is reported instead, as is everything after the first delta.
public struct RetryPolicy: Sendable {
    /// Attempts in all; 1 never tries again.
    public var maximumAttempts: Int
    /// The longest pause before the second attempt; doubled for each one after it.
    public var baseDelay: Duration
    /// No pause of ours is longer; where the provider asks for a longer one, the request fails and tells it.
    public var maximumDelay: Duration

    public init(
        maximumAttempts: Int = 3,
        baseDelay: Duration = .milliseconds(500),
        maximumDelay: Duration = .seconds(8)
    ) {
        self.maximumAttempts = maximumAttempts
        self.baseDelay = baseDelay
        self.maximumDelay = maximumDelay
    }

    /// The pause after a failed attempt, or nil to give up.
    ///
    /// - Parameters:
    ///   - attempt: which attempt failed, from 1.
    ///   - requested: the provider's own wish, obeyed to the letter.
    ///   - jitter: 0..<1; a pause of ours is cut by up to a quarter of it.
    func delay(afterAttempt attempt: Int, requested: Duration?, jitter: Double) -> Duration? {
        guard attempt < maximumAttempts else { return nil }
        if let requested { return requested <= maximumDelay ? requested : nil }
        var delay = baseDelay
        for _ in 1..<max(attempt, 1) where delay < maximumDelay { delay *= 2 }
        return min(delay, maximumDelay) * (1 - jitter / 4)
    }
}
