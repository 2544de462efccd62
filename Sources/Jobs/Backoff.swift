/// How long a job rests after a failure: twice as long after each, up to a cap, and some more by chance, so that jobs that
/// failed together do not come back together.
public struct Backoff: Sendable, Hashable {
    /// After the first failure.
    public var base: Duration
    /// What doubling stops at.
    public var cap: Duration
    /// The largest part of the delay that chance adds; it never takes away, so nothing comes back too soon.
    public var jitter: Double

    public init(base: Duration = .seconds(5), cap: Duration = .seconds(3600), jitter: Double = 0.2) {
        self.base = base
        self.cap = cap
        self.jitter = jitter
    }

    /// - Parameters:
    ///   - attempt: the one that failed, from 1.
    ///   - chance: from 0 to 1.
    public func delay(after attempt: Int, chance: Double) -> Duration {
        var delay = base
        var doublings = attempt - 1
        // No more than it takes to reach the cap, whatever the attempt: nothing can overflow.
        while doublings > 0, delay > .zero, delay < cap {
            delay = delay * 2
            doublings -= 1
        }
        return min(delay, cap) * (1 + jitter * min(max(chance, 0), 1))
    }
}
