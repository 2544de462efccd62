internal import Redis

/// The pace at which the refusals of one subject leave a process: a value without I/O.
///
/// A client that asks again as soon as it is refused would be refused thousands of times a second, at its neighbours'
/// expense. Held back, it waits for its turn like all other connections of its tenant, user or address.
struct RefusalPace {
    typealias Instant = ContinuousClock.Instant

    private static let pace = RateLimit("refusals", quota: 50, per: .seconds(1), burst: 100)
    /// For how long those are held back, in milliseconds, for whom no turn is left: not all for the same time, or they would
    /// come back together.
    private static let pauseWithoutTurn = 1000...2000
    /// Of all subjects: each holds its connection.
    static let maximumHeld = 512

    private var turns = LocalRateLimits(capacity: 10_000)
    private var held = 0

    /// - Returns: how long to hold a refusal back, after which `end` must follow; nil: it goes at once.
    mutating func begin(_ subject: RedisKey, now: Instant) -> Duration? {
        let turn = turns.admit([RateLimitSubject(key: subject, limit: Self.pace)], now: now)
        let pause =
            turn.isAdmitted
            ? turn.standings[0].reset - .microseconds(Self.pace.interval)
            : .milliseconds(Int.random(in: Self.pauseWithoutTurn))
        guard pause > .zero, held < Self.maximumHeld else { return nil }
        held += 1
        return pause
    }

    mutating func end() {
        held -= 1
    }
}
