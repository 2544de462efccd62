package import Primitives
internal import Secrets

extension TenantID {
    /// The tenant of one of Clerk's organisations: nothing to look up, and two servers that meet it first agree.
    package init(clerkOrganizationID: String) {
        self.init(UUIDv5.make(namespace: Self.clerkNamespace.uuid, name: clerkOrganizationID))
    }

    // Made once for this product; changing it would lose every tenant.
    private static let clerkNamespace = TenantID("8f1d6f0a-0b5e-4c39-9d8e-5a7a4f6f7c11") ?? .none

    /// What belongs to the whole installation: system jobs and events of no organisation.
    package static let system = TenantID.none
}
