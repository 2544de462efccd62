/// What an event says of the organisation that it is about.
public enum OrganizationChange: Sendable, Hashable {
    case organization(OrganizationSnapshot)
    case organizationDeleted(clerkID: String)
    case membership(MembershipSnapshot)
    /// Clerk sends the whole membership as it last was.
    case membershipDeleted(MembershipSnapshot)
}

/// An organisation as Clerk had it at a version.
public struct OrganizationSnapshot: Sendable, Hashable {
    public let clerkID: String
    public let name: String
    public let slug: String?
    public let version: ClerkVersion

    public init(clerkID: String, name: String, slug: String?, version: ClerkVersion) {
        self.clerkID = clerkID
        self.name = name
        self.slug = slug
        self.version = version
    }
}

/// A membership as Clerk had it at a version, with its organisation.
public struct MembershipSnapshot: Sendable, Hashable {
    /// `orgmem_…`; a person who leaves and comes back gets another.
    public let clerkID: String
    public let userID: String
    public let role: Role
    public let permissions: [Permission]
    public let organization: OrganizationSnapshot
    public let version: ClerkVersion

    public init(
        clerkID: String,
        userID: String,
        role: Role,
        permissions: [Permission],
        organization: OrganizationSnapshot,
        version: ClerkVersion
    ) {
        self.clerkID = clerkID
        self.userID = userID
        self.role = role
        self.permissions = permissions
        self.organization = organization
        self.version = version
    }
}
