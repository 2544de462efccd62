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
    let routeClass: RouteClass
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
            allowedOrigins: allowedOrigins
        )
        let caller = try await authenticator.authenticate(credential)
        let principal = caller.principal
        context.edge.caller.set(caller.tenantID, principal.actor)
        let organization = try await caller.organization(in: directory)
        let decision = await limiter.admit(
            routeClass,
            tenant: caller.tenantID,
            by: RateLimitCaller(principal, keyQuota: caller.requestsPerMinute),
            limits: organization.limits
        )
        try context.edge.standings.require(decision)
        var context = context
        context.tenant = TenantContext(
            organization: organization,
            principal: principal,
            language: context.edge.language,
            requestID: context.edge.requestID
        )
        context.database = database
        return try await next(request, context)
    }
}
