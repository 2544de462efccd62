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
    let gate: LimitGate
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
        let (caller, organization) = try await identify(credential, context.edge)
        try await gate.pass(context.edge, as: caller, to: operation.routeClass, within: organization.limits)
        var context = context
        context.tenant = TenantContext(
            organization: organization,
            principal: caller.principal,
            language: context.edge.language,
            requestID: context.edge.requestID
        )
        context.pass = caller.pass
        context.database = database
        return try await next(request, context)
    }

    /// Who is remembered is taken from memory, and all limits are asked at once; before anybody else is verified or looked up,
    /// their address is counted.
    private func identify(
        _ credential: Credential,
        _ context: EdgeContext
    ) async throws -> (AuthenticatedCaller, Organization) {
        if let caller = authenticator.recall(credential),
            let organization = directory.recall(caller.tenantID, for: caller.principal)
        {
            context.caller.set(caller.tenantID, caller.principal.actor)
            return (caller, organization)
        }
        try await gate.pass(context)
        let caller = try await authenticator.authenticate(credential)
        context.caller.set(caller.tenantID, caller.principal.actor)
        return (caller, try await caller.organization(in: directory))
    }

    /// nil where the route takes none; HEAD would use one up.
    private func ticket(of request: Request) throws(Fault) -> (text: String, isResumption: Bool)? {
        guard operation.takesTickets, request.method == .get else { return nil }
        let query = try request.queryValues()
        guard let text = query["ticket"], !text.isEmpty else { return nil }
        return (text, request.headers[.lastEventID] != nil || query["last_event_id"] != nil)
    }
}
