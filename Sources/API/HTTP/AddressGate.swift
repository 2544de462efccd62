internal import Auth
internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Tenancy

/// Counts what comes from a client's address: requests, before anybody looks at their credential, and wrong credentials.
struct AddressGate: Sendable {
    let limiter: RateLimiter
    /// How many proxies in front of us append to `X-Forwarded-For`.
    let trustedProxyHops: Int

    /// Counts a request, unless that was done.
    /// - Throws: `rate_limited`, also where too many credentials from there were wrong.
    func pass(_ context: EdgeContext) async throws(Fault) {
        guard !context.standings.areKnown else { return }
        try await context.standings.require(await limiter.admit(address: context.clientAddress))
    }

    /// Counts a wrong credential.
    /// - Throws: `rate_limited` where it was one too many: of guesses at once too, so many are answered and no more.
    func countFailure(_ fault: Fault, _ context: EdgeContext) async throws(Fault) {
        guard Self.guesses.contains(fault.code) else { return }
        let decision = await limiter.countFailedAuthentication(from: context.clientAddress)
        try await context.standings.require(decision)
    }

    /// What was never right: what is no credential by its form, or was not made by whoever makes them.
    ///
    /// What was right once is none, nor is a token of Clerk's that is for somebody else: a dashboard that was left open
    /// must not lock out everybody who shares its address.
    private static let guesses: Set<Fault.Code> = [
        .tokenTooLarge, .tokenMalformed, .tokenTypeInvalid, .tokenAlgorithmInvalid, .tokenKeyUnknown,
        .tokenSignatureInvalid, .apiKeyMalformed, .apiKeyInvalid, .ticketMalformed, .ticketInvalid,
        .webhookSignatureInvalid,
    ]

    /// The connection's other end, or what the outermost trusted proxy saw: what stands further left in the header, any
    /// client can write.
    ///
    /// What did not come through all proxies, or comes with something else than an address, is its connection's.
    func address(of request: Request, _ context: EdgeContext) -> ClientAddress {
        forwardedAddress(request) ?? context.peerAddress.flatMap { ClientAddress($0) } ?? .unknown
    }

    private func forwardedAddress(_ request: Request) -> ClientAddress? {
        guard trustedProxyHops > 0 else { return nil }
        return request.headers[values: .xForwardedFor].reversed().lazy
            .flatMap { $0.split(separator: ",").reversed() }
            .dropFirst(trustedProxyHops - 1).first
            .flatMap { ClientAddress(forwarded: $0.trimmingSpace) }
    }
}

extension Substring {
    /// Without optional white space (RFC 9110 §5.6.3) around it.
    fileprivate var trimmingSpace: Substring {
        func isSpace(_ character: Character) -> Bool { character == " " || character == "\t" }
        let start = drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return "" }
        return start[...last]
    }
}
