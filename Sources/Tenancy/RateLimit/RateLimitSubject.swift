internal import Redis

/// Somebody who has a limit, as one request asks it.
struct RateLimitSubject {
    let key: RedisKey
    let limit: RateLimit
    /// false: only whether one more would be admitted.
    var isCounted = true
    /// Limits of one stage admit together, or none of them counts; those of a later one are not counted either.
    var stage = 0
}
