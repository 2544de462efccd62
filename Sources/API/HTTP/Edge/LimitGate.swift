internal import Auth
internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Tenancy

/// Lets requests through as the limits allow: of their client's address, and of the tenant and whoever acts for it.
struct LimitGate: Sendable {
    let limiter: RateLimiter
    /// How many proxies in front of us append to `X-Forwarded-For`.
    let trustedProxyHops: Int
    let drain: DrainSwitch

    /// Counts a request by its client's address, unless that was done.
    /// - Throws: `rate_limited`, also where too many credentials from there were wrong.
    func pass(_ context: EdgeContext) async throws(Fault) {
        guard !context.standings.areKnown else { return }
        try await require(await limiter.admit(address: context.clientAddress), context)
    }

    /// Counts a request by its tenant and by who acts for it; by its client's address too, unless that was done.
    /// - Throws: `rate_limited`.
    func pass(
        _ context: EdgeContext,
        as caller: AuthenticatedCaller,
        to routeClass: RouteClass,
        within limits: PlanLimits
    ) async throws(Fault) {
        let decision = await limiter.admit(
            routeClass,
            tenant: caller.tenantID,
            by: RateLimitCaller(caller.principal, keyQuota: caller.requestsPerMinute),
            limits: limits,
            from: context.standings.areKnown ? nil : context.clientAddress
        )
        try await require(decision, context)
    }

    /// Counts a wrong credential.
    /// - Throws: `rate_limited` where it was one too many: of guesses at once too, so many are answered and no more.
    func countFailure(_ fault: Fault, _ context: EdgeContext) async throws(Fault) {
        guard Self.guesses.contains(fault.code) else { return }
        try await require(await limiter.countFailedAuthentication(from: context.clientAddress), context)
    }

    private func require(_ decision: RateLimitDecision, _ context: EdgeContext) async throws(Fault) {
        context.standings.add(decision.standings)
        guard !decision.isAdmitted else { return }
        if !drain.isDraining { await limiter.awaitTurn(of: decision) }
        throw .rateLimited(retryAfter: decision.retryAfter)
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
            .flatMap { ClientAddress(forwarded: $0.trimmingOptionalWhitespace) }
    }
}
