internal import Primitives

/// What the platform's operators decide about an organisation.
public struct OrganizationService: Sendable {
    public init() {}

    /// Refuses everybody and closes everything of the organisation, on every server within 5 s; nothing is deleted.
    /// - Throws: `organization_not_found`, `organization_deleted`.
    public func suspend(in transaction: TenantTransaction) async throws {
        guard try await change(to: .suspended, in: transaction) else { return }
        try await transaction.announce(.organization)
        try await transaction.audit(.organizationSuspended, of: transaction.tenantID.description)
    }

    /// Lets a suspended organisation in again, at once.
    /// - Throws: `organization_not_found`, `organization_deleted`.
    public func activate(in transaction: TenantTransaction) async throws {
        guard try await change(to: .active, in: transaction) else { return }
        try await transaction.audit(.organizationActivated, of: transaction.tenantID.description)
    }

    /// - Returns: false where it was in that state before.
    private func change(to state: Organization.State, in transaction: TenantTransaction) async throws -> Bool {
        let tenantID = transaction.tenantID
        switch try await transaction.queryFirst(LockOrganization(tenantID: tenantID)) {
        case nil: throw Fault.organizationNotFound
        case .deleted: throw Fault.organizationDeleted
        case state: return false
        default:
            try await transaction.execute(UpdateOrganizationState(tenantID: tenantID, state: state))
            return true
        }
    }
}
