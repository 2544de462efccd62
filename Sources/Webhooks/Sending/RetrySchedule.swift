internal import Primitives

/// When a delivery that failed is tried again.
enum RetrySchedule {
    /// After the first failure, the second, and so on; an endpoint may be content with fewer.
    static let steps: [Duration] = [
        .seconds(5), .seconds(5 * 60), .seconds(30 * 60), .seconds(2 * 3600), .seconds(5 * 3600), .seconds(10 * 3600),
        .seconds(14 * 3600), .seconds(20 * 3600), .seconds(24 * 3600),
    ]

    /// What chance adds at most, as a part of the step; it takes nothing away.
    private static let jitter = 0.2

    /// - Parameters:
    ///   - step: failures of the round before this one.
    ///   - retryCount: how many steps the endpoint wants.
    ///   - earliest: no sooner than that, whatever the schedule says.
    ///   - chance: from 0 to 1.
    /// - Returns: nil where it was the last attempt.
    static func delay(after step: Int, of retryCount: Int, atLeast earliest: Duration?, chance: Double) -> Duration? {
        guard step < min(retryCount, steps.count) else { return nil }
        return max(steps[step] * (1 + jitter * min(max(chance, 0), 1)), earliest ?? .zero)
    }
}
