internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Synchronization
internal import Tenancy

/// What the limits said of one request; every answer carries the tightest (draft-ietf-httpapi-ratelimit-headers).
final class RateStandings: Sendable {
    private let all = Mutex<[RateLimitStanding]>([])

    /// Whether they were asked.
    var areKnown: Bool { all.withLock { !$0.isEmpty } }

    /// - Throws: `rate_limited` where the request is not admitted, when it is the refusal's turn.
    func require(_ decision: RateLimitDecision) async throws(Fault) {
        all.withLock { $0 += decision.standings }
        guard !decision.isAdmitted else { return }
        // Whose client has left ends at once.
        try? await Task.sleep(for: decision.pause)
        throw .rateLimited(retryAfter: decision.retryAfter)
    }

    func apply(to response: inout Response) {
        guard let tightest = all.withLock({ $0.tightest }) else { return }
        let limit = tightest.limit
        response.headers[.rateLimitPolicy] = "\"\(limit.name)\";q=\(limit.quota);w=\(limit.window.roundedUpSeconds)"
        response.headers[.rateLimit] =
            "\"\(limit.name)\";r=\(tightest.remaining);t=\(tightest.reset.roundedUpSeconds)"
    }
}

extension Duration {
    fileprivate var roundedUpSeconds: Int64 { (milliseconds + 999) / 1000 }
}
