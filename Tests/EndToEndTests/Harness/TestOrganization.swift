internal import Auth
internal import Primitives
internal import Tenancy

/// An organisation that nobody else uses, and the people in it.
struct TestOrganization: Sendable {
    let server: RunningServer
    /// `org_…`
    let clerkID: String

    init(_ server: RunningServer, named name: String = "test") {
        self.server = server
        clerkID = "org_\(name)_\(RunID.next().description.replacing("-", with: ""))"
    }

    /// A client of the same organisation at another server.
    func at(_ server: RunningServer) -> APIClient {
        APIClient(server, token: token())
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
