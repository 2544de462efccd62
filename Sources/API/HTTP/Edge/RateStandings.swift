internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Synchronization
internal import Tenancy

/// What the limits said of one request; every answer carries the tightest (draft-ietf-httpapi-ratelimit-headers).
final class RateStandings: Sendable {
    private let all = Mutex<[RateLimitStanding]>([])

    /// Whether they were asked, whatever they said; that of the client's address is among the first.
    var areKnown: Bool { all.withLock { !$0.isEmpty } }

    func add(_ standings: [RateLimitStanding]) {
        all.withLock { $0 += standings }
    }

    func apply(to response: inout Response) {
        guard let tightest = all.withLock({ $0.tightest }) else { return }
        let limit = tightest.limit
        response.headers[.rateLimitPolicy] = "\"\(limit.name)\";q=\(limit.quota);w=\(limit.window.secondsRoundedUp)"
        response.headers[.rateLimit] =
            "\"\(limit.name)\";r=\(tightest.remaining);t=\(tightest.reset.secondsRoundedUp)"
    }
}
