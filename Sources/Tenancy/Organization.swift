internal import Postgres
package import Primitives

/// A tenant: one of Clerk's organisations as we know it.
package struct Organization: Hashable, Sendable {
    package let id: TenantID
    /// Clerk's id, `org_…`.
    package let clerkID: String
    package let name: String
    package let slug: String?
    package let state: State
    package let plan: String
    /// Of its plan, and what was agreed with it.
    package let limits: PlanLimits

    package enum State: String, Sendable, CaseIterable, PostgresText {
        case active, suspended, deleted
    }

    /// - Throws: `organization_suspended` or `organization_deleted`.
    package func requireActive() throws(Fault) {
        switch state {
        case .active: break
        case .suspended: throw .organizationSuspended
        case .deleted: throw .organizationDeleted
        }
    }
}

/// What a credential claims of an organisation and of the caller's place in it.
package struct OrganizationClaim: Hashable, Sendable {
    package let clerkID: String
    package let slug: String?
    package let person: Principal.Person
    package let tenantID: TenantID

    package init(clerkID: String, slug: String?, person: Principal.Person) {
        self.clerkID = clerkID
        self.slug = slug
        self.person = person
        tenantID = TenantID(clerkOrganizationID: clerkID)
    }
}
