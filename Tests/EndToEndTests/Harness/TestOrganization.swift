internal import Auth
internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport

/// An organisation that nobody else uses, and the people in it.
struct TestOrganization: Sendable {
    let server: RunningServer
    /// Such as `org_…`.
    let clerkID: String

    init(_ server: RunningServer, named name: String = "test") {
        self.server = server
        clerkID = "org_\(name)_\(RunID.next().description.replacing("-", with: ""))"
    }

    /// A client of the same organisation at another server.
    func at(_ server: RunningServer) -> APIClient {
        APIClient(server, token: token())
    }

    /// What was agreed with it, before it is seen for the first time.
    /// - Parameter limits: as in `tenancy.organization`.
    func agree(_ limits: String) async throws {
        try await server.program.database.administrator.unsafeScript(
            """
            INSERT INTO tenancy.organization (tenant_id, clerk_id, name, limits)
            VALUES ('\(tenantID)', '\(clerkID)', 'agreed', '\(limits)')
            """
        )
    }

    var tenantID: TenantID { TenantID(clerkOrganizationID: clerkID) }

    /// Somebody with all permissions.
    var admin: APIClient { APIClient(server, token: token()) }

    /// Somebody who may read and chat.
    var member: APIClient { APIClient(server, token: token(role: "member", user: "user_member")) }

    func token(role: String = "admin", user: String = "user_admin", lifetime: Duration = .seconds(3600)) -> String {
        server.program.issuer.token(
            for: DevelopmentSession(
                userID: user,
                organization: .init(id: clerkID, slug: nil, role: Role(rawValue: role))
            ),
            lifetime: lifetime
        )
    }
}
