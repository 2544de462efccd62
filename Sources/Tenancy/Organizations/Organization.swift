public import Postgres
public import Primitives

/// A tenant: one of Clerk's organisations as we know it.
public struct Organization: Hashable, Sendable {
    public let id: TenantID
    /// Clerk's id, `org_…`.
    public let clerkID: String
    public let name: String
    public let slug: String?
    public let state: State
    public let plan: String
    /// Of its plan, and what was agreed with it.
    public let limits: PlanLimits

    public enum State: String, Sendable, CaseIterable, PostgresText {
        case active, suspended, deleted
    }

    /// - Throws: `organization_suspended` or `organization_deleted`.
    public func requireActive() throws(Fault) {
        switch state {
        case .active: break
        case .suspended: throw .organizationSuspended
        case .deleted: throw .organizationDeleted
        }
    }
}

/// What a credential claims of an organisation and of the caller's place in it.
public struct OrganizationClaim: Hashable, Sendable {
    public let clerkID: String
    public let slug: String?
    public let person: Principal.Person
    public let tenantID: TenantID

    public init(clerkID: String, slug: String?, person: Principal.Person) {
        self.clerkID = clerkID
        self.slug = slug
        self.person = person
        tenantID = TenantID(clerkOrganizationID: clerkID)
    }
}
