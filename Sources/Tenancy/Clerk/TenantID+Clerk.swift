public import Primitives
internal import Secrets

extension TenantID {
    /// The tenant of one of Clerk's organisations: nothing to look up, and two servers that meet it first agree.
    public init(clerkOrganizationID: String) {
        self.init(UUIDv5.make(namespace: UUIDv5.clerkOrganizations, name: clerkOrganizationID))
    }

    /// What belongs to the whole installation: system jobs and events of no organisation.
    public static let system = TenantID.none
}
