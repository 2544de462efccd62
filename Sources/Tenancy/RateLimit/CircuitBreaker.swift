/// Whether something that may hang is asked at all: a value without I/O.
///
/// After `threshold` answers in a row that did not come in time it is left alone for `pause`. Then one asks for all, and
/// its outcome decides. So of a thing that hangs, at most one caller in each `pause` waits.
struct CircuitBreaker {
    typealias Instant = ContinuousClock.Instant

    /// One late answer is the machine's, not the thing's.
    static let threshold = 3
    static let pause = Duration.seconds(1)

    private var misses = 0
    private var openUntil: Instant?

    /// Whether to ask.
    mutating func admits(at now: Instant) -> Bool {
        guard let openUntil else { return true }
        guard now >= openUntil else { return false }
        self.openUntil = now + Self.pause
        return true
    }

    mutating func answered() {
        misses = 0
        openUntil = nil
    }

    mutating func missed(at now: Instant) {
        misses += 1
        if misses >= Self.threshold { openUntil = now + Self.pause }
    }
}
