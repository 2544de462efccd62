internal import Postgres
internal import Primitives

struct SelectMembership: Statement {
    static let sql = """
        SELECT o.tenant_id, o.clerk_id, o.name, o.slug, o.state, o.plan, p.limits || o.limits, m.state, a.state,
            s.session_id IS NOT NULL, k.revoked_at IS NOT NULL
        FROM tenancy.organization o
        JOIN tenancy.plan p ON p.name = o.plan
        LEFT JOIN tenancy.member m ON m.tenant_id = o.tenant_id AND m.user_id = $2
        LEFT JOIN tenancy.user_account a ON a.user_id = $2
        LEFT JOIN tenancy.ended_session s ON s.session_id = $3
        LEFT JOIN tenancy.api_key k ON k.tenant_id = o.tenant_id AND k.id = $4
        WHERE o.tenant_id = $1
        """
    let tenantID: TenantID
    let userID: String
    let sessionID: String?
    let keyID: APIKeyID?

    var bindings: Bindings { [tenantID, userID, sessionID, keyID] }

    static func decode(_ row: inout RowReader) throws -> Membership {
        let organization = Organization(
            id: try row.read(TenantID.self),
            clerkID: try row.read(String.self),
            name: try row.read(String.self),
            slug: try row.read(String?.self),
            state: try row.read(Organization.State.self),
            plan: try row.read(String.self),
            limits: PlanLimits(stored: try row.read(JSON.self))
        )
        return Membership(
            organization: organization,
            memberState: try row.read(Membership.State?.self),
            accountState: try row.read(Membership.AccountState?.self),
            isSessionEnded: try row.read(Bool.self),
            isKeyRevoked: try row.read(Bool.self)
        )
    }
}

struct InsertProvisionalOrganization: Command {
    static let sql = """
        INSERT INTO tenancy.organization (tenant_id, clerk_id, name, slug, is_provisional)
        VALUES ($1, $2, $3, $4, true)
        ON CONFLICT (tenant_id) DO NOTHING
        """
    let tenantID: TenantID
    let claim: OrganizationClaim

    var bindings: Bindings { [tenantID, claim.clerkID, claim.slug ?? claim.clerkID, claim.slug] }
}

struct InsertProvisionalMember: Command {
    static let sql = """
        INSERT INTO tenancy.member (tenant_id, user_id, role, permissions)
        VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, user_id) DO NOTHING
        """
    let tenantID: TenantID
    let person: Principal.Person

    var bindings: Bindings {
        [tenantID, person.userID, person.role.rawValue, person.permissions.map(\.rawValue).sorted()]
    }
}

struct LockOrganization: Statement {
    static let sql = "SELECT state FROM tenancy.organization WHERE tenant_id = $1 FOR UPDATE"
    let tenantID: TenantID

    var bindings: Bindings { [tenantID] }

    static func decode(_ row: inout RowReader) throws -> Organization.State { try row.read() }
}

struct UpdateOrganizationState: Command {
    static let sql = "UPDATE tenancy.organization SET state = $2, updated_at = now() WHERE tenant_id = $1"
    let tenantID: TenantID
    let state: Organization.State

    var bindings: Bindings { [tenantID, state] }
}
