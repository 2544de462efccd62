/// Until when Sentry wants no errors, from its answers' status and headers.
///
/// Source: develop.sentry.dev, "Rate limiting", stages 1 and 2.
struct SentryRateLimit {
    private var end: ContinuousClock.Instant?

    /// Nobody keeps us silent for longer than a day.
    private static let longest = 86_400.0

    func isOver(at now: ContinuousClock.Instant) -> Bool {
        end.map { $0 <= now } ?? true
    }

    /// - Parameters:
    ///   - limits: `X-Sentry-Rate-Limits`, which may come with any status: `60:error;default:key, 2700::organization`.
    ///   - retryAfter: `Retry-After` in seconds.
    mutating func note(status: Int, limits: String?, retryAfter: String?, at now: ContinuousClock.Instant) {
        let seconds: Double? =
            if let limits {
                limits.split(separator: ",").compactMap(Self.seconds).max()
            } else if status == 429 {
                retryAfter.flatMap(Double.init) ?? 60
            } else {
                nil
            }
        guard let seconds, seconds > 0 else { return }
        let proposed = now + .seconds(min(seconds, Self.longest))
        end = max(end ?? proposed, proposed)
    }

    /// The seconds of one limit; nil where it does not concern errors.
    private static func seconds(of limit: Substring) -> Double? {
        let parts = limit.split(separator: ":", omittingEmptySubsequences: false).map { $0.filter { $0 != " " } }
        let categories = parts.count > 1 ? parts[1].split(separator: ";") : []
        guard categories.isEmpty || categories.contains("error") else { return nil }
        return Double(parts[0])
    }
}
