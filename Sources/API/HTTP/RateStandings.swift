internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Synchronization
internal import Tenancy

/// What the limits said of one request; every answer carries the tightest (draft-ietf-httpapi-ratelimit-headers).
final class RateStandings: Sendable {
    private let all = Mutex<[RateLimitStanding]>([])

    /// - Throws: `rate_limited` where the request is not admitted.
    func require(_ decision: RateLimitDecision) throws(Fault) {
        all.withLock { $0 += decision.standings }
        guard decision.isAdmitted else { throw .rateLimited(retryAfter: decision.retryAfter) }
    }

    func apply(to response: inout Response) {
        guard let tightest = all.withLock({ $0.tightest }) else { return }
        let limit = tightest.limit
        response.headers[.rateLimitPolicy] = "\"\(limit.name)\";q=\(limit.quota);w=\(limit.window.roundedUpSeconds)"
        response.headers[.rateLimit] =
            "\"\(limit.name)\";r=\(tightest.remaining);t=\(tightest.reset.roundedUpSeconds)"
    }
}

/// Counts a request by its client's address, before anybody looks at its credential.
struct AddressGate: Sendable {
    let limiter: RateLimiter
    /// How many proxies in front of us append to `X-Forwarded-For`.
    let trustedProxyHops: Int

    func pass(_ request: Request, _ context: EdgeContext) async throws {
        guard let address = context.clientAddress else { return }
        try context.standings.require(await limiter.admit(address: address))
    }

    /// The connection's other end, or what the outermost trusted proxy saw: what stands further left in the header, any
    /// client can write.
    func address(of request: Request, _ context: EdgeContext) -> ClientAddress? {
        let forwarded = request.headers[values: .xForwardedFor]
            .flatMap { $0.split(separator: ",") }
            .map { String($0.filter { $0 != " " }) }
        let seen = trustedProxyHops > 0 ? forwarded.suffix(trustedProxyHops).first : nil
        return (seen ?? context.peerAddress).flatMap { ClientAddress($0) }
    }
}

extension Duration {
    fileprivate var roundedUpSeconds: Int64 { (milliseconds + 999) / 1000 }
}
