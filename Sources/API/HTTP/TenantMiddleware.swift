internal import Auth
internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Tenancy

/// The one way into a tenant's routes: a credential, its organisation, its limits.
struct TenantMiddleware: RouterMiddleware {
    typealias Context = AuthenticatedContext

    let authenticator: Authenticator
    let directory: OrganizationDirectory
    let database: TenantDatabase
    let limiter: RateLimiter
    let addressGate: AddressGate
    let operation: Operation
    let allowedOrigins: Set<String>

    func handle(
        _ request: Request,
        context: AuthenticatedContext,
        next: (Request, AuthenticatedContext) async throws -> Response
    ) async throws -> Response {
        let credential = try Credential.from(
            method: request.method.rawValue,
            authorization: request.headers[.authorization],
            cookie: request.headers[.cookie],
            secFetchSite: request.headers[.secFetchSite],
            origin: request.headers[.origin],
            allowedOrigins: allowedOrigins,
            ticket: try ticket(of: request)
        )
        let caller = try await authenticator.authenticate(credential) { () async throws(Fault) in
            try await addressGate.pass(context.edge)
        }
        let principal = caller.principal
        context.edge.caller.set(caller.tenantID, principal.actor)
        let organization = try await caller.organization(in: directory)
        let decision = await limiter.admit(
            operation.routeClass,
            tenant: caller.tenantID,
            by: RateLimitCaller(principal, keyQuota: caller.requestsPerMinute),
            limits: organization.limits,
            from: context.edge.standings.areKnown ? nil : context.edge.clientAddress
        )
        try await context.edge.standings.require(decision)
        var context = context
        context.tenant = TenantContext(
            organization: organization,
            principal: principal,
            language: context.edge.language,
            requestID: context.edge.requestID
        )
        context.pass = caller.pass
        context.database = database
        return try await next(request, context)
    }

    /// nil where the route takes none; HEAD would use one up.
    private func ticket(of request: Request) throws(Fault) -> (text: String, isResumption: Bool)? {
        guard operation.takesTickets, request.method == .get else { return nil }
        let query = try request.queryValues()
        guard let text = query["ticket"], !text.isEmpty else { return nil }
        return (text, request.headers[.lastEventID] != nil || query["last_event_id"] != nil)
    }
}
