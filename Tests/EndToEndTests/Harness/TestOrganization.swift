internal import Auth
internal import NIOHTTP1
internal import Postgres
internal import Primitives
internal import Secrets
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

    func token(
        role: String = "admin",
        user: String = "user_admin",
        session: String = "sess_development",
        lifetime: Duration = .seconds(3600)
    ) -> String {
        server.program.issuer.token(
            for: DevelopmentSession(
                userID: user,
                sessionID: session,
                organization: .init(id: clerkID, slug: nil, role: Role(rawValue: role))
            ),
            lifetime: lifetime
        )
    }

    /// A client of somebody else in the same organisation.
    func member(at server: RunningServer) -> APIClient {
        APIClient(server, token: token(role: "member", user: "user_member"))
    }

    /// The organisation as Clerk has it now.
    var clerk: DevelopmentEvent.Organization {
        .init(id: clerkID, name: "Loja", slug: clerkID, updatedAt: WallClock.system.now())
    }

    /// A membership of the admin's as Clerk has it now; each number is another.
    func membership(_ number: Int) -> DevelopmentEvent.Membership {
        DevelopmentEvent.Membership(
            id: "orgmem_\(clerkID)_\(number)",
            userID: "user_admin",
            role: .admin,
            organization: clerk,
            updatedAt: WallClock.system.now()
        )
    }

    /// Sends an event to the organisation's server, signed as Clerk's.
    func deliver(_ event: DevelopmentEvent) async throws {
        let headers = event.headers(signedWith: server.program.issuer.webhookSecret, at: WallClock.system.now())
        let answer = try await APIClient(server).send(
            .POST,
            "/webhooks/clerk",
            headers: headers.fields(.svix).map { ($0.name, $0.value) } + [("Content-Type", "application/json")],
            body: event.body
        )
        guard answer.status == 200 else { throw ProgramFailure("the event was not taken: \(answer)") }
    }
}
