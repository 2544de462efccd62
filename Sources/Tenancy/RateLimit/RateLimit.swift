internal import Primitives
internal import Redis

/// How much of something one subject may do: `quota` in each `window` on average, at most `burst` at once.
///
/// Counted by the generic cell rate algorithm: one moment per subject, that at which all it did would have been done at
/// the permitted pace. How far that lies ahead of now is its backlog; each admission adds `interval` to it, time takes
/// from it, and it must not exceed `capacity`. There is no window whose edge could be abused.
public struct RateLimit: Hashable, Sendable {
    /// As callers read it in `RateLimit-Policy`.
    public let name: String
    public let quota: Int
    public let window: Duration
    public let burst: Int

    /// - Parameter burst: The quota, unless given.
    public init(_ name: String, quota: Int, per window: Duration, burst: Int? = nil) {
        precondition(quota > 0 && window > .zero && (burst ?? 1) > 0)
        self.name = name
        self.quota = quota
        self.window = window
        self.burst = burst ?? quota
    }

    /// The microseconds that one admission costs, rounded up: never more than the quota.
    var interval: Int64 { (window.microseconds + Int64(quota) - 1) / Int64(quota) }

    /// The backlog that is allowed, in microseconds.
    var capacity: Int64 { interval * Int64(burst) }

    func admits(backlog: Int64) -> Bool {
        backlog + interval <= capacity
    }
}

/// Where a subject stands with a limit, after it was asked for one more.
public struct RateLimitStanding: Hashable, Sendable {
    public let limit: RateLimit
    /// Whether this limit is why the request was refused.
    public let isExceeded: Bool
    /// How many more would be admitted now.
    public let remaining: Int
    /// How long until the whole burst is there again.
    public let reset: Duration
    /// How long until one more is admitted; zero if one would be now.
    public let retryAfter: Duration

    /// - Parameter backlog: In microseconds; with this admission, if it was admitted.
    init(_ limit: RateLimit, backlog: Int64, isAdmitted: Bool) {
        self.limit = limit
        isExceeded = !isAdmitted && !limit.admits(backlog: backlog)
        remaining = Int(max(0, limit.capacity - backlog) / limit.interval)
        reset = .microseconds(backlog)
        retryAfter = .microseconds(max(0, backlog + limit.interval - limit.capacity))
    }
}

/// Whether a request goes on, and where its subjects stand.
public struct RateLimitDecision: Hashable, Sendable {
    public let isAdmitted: Bool
    /// One for each limit that was asked, in that order.
    public let standings: [RateLimitStanding]
    /// Whose limit it was that refused.
    let refusing: RedisKey?

    /// - Parameters:
    ///   - backlogs: of each subject, in microseconds; with this admission where its stage admitted it.
    ///   - refusedStage: the first that did not.
    init(_ subjects: [RateLimitSubject], backlogs: [Int64], refusedStage: Int?) {
        isAdmitted = refusedStage == nil
        standings = zip(subjects, backlogs).map { subject, backlog in
            RateLimitStanding(subject.limit, backlog: backlog, isAdmitted: subject.stage < refusedStage ?? .max)
        }
        refusing = zip(subjects, standings).first { $0.stage == refusedStage && $1.isExceeded }?.0.key
    }

    /// When a refused request may come again.
    public var retryAfter: Duration? {
        isAdmitted ? nil : standings.map(\.retryAfter).max()
    }
}

extension Sequence where Element == RateLimitStanding {
    /// The standing that callers are told: the one that refused for longest, else that with the smallest part left.
    public var tightest: RateLimitStanding? {
        self.max { left, right in
            if left.isExceeded || right.isExceeded { return left.retryAfter < right.retryAfter }
            return left.remaining * right.limit.burst > right.remaining * left.limit.burst
        }
    }
}
