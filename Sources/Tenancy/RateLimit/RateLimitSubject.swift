internal import Redis

/// Somebody who has a limit, as one request asks it.
struct RateLimitSubject {
    let key: RedisKey
    let limit: RateLimit
    /// false: only whether one more would be admitted.
    var isCounted = true
}
