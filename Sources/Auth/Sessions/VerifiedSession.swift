public import Primitives
public import Tenancy

/// A person's session at Clerk, as a verified token proves it.
public struct VerifiedSession: Hashable, Sendable {
    /// Clerk's user id, `user_…`.
    public let userID: String
    /// nil where the person has not chosen an organisation.
    public let organization: OrganizationClaim?
    public let expiresAt: Timestamp

    /// - Throws: `organization_required`.
    public func requireOrganization() throws(Fault) -> OrganizationClaim {
        guard let organization else { throw .organizationRequired }
        return organization
    }
}

extension VerifiedSession {
    init(_ claims: SessionClaims) {
        userID = claims.subject
        expiresAt = claims.expiresAt
        organization = claims.organization.map { organization in
            OrganizationClaim(
                clerkID: organization.id,
                slug: organization.slug,
                person: Principal.Person(
                    userID: claims.subject,
                    sessionID: claims.sessionID,
                    role: Role(rawValue: organization.role),
                    permissions: Set(organization.permissions.map(Permission.init(rawValue:)))
                )
            )
        }
    }
}
