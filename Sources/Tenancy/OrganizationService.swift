internal import Primitives

/// What the platform's operators decide about an organisation.
package struct OrganizationService: Sendable {
    package init() {}

    /// Refuses everybody and closes everything of the organisation, on every server within 5 s; nothing is deleted.
    /// - Throws: `organization_not_found`, `organization_deleted`.
    package func suspend(in transaction: TenantTransaction) async throws {
        if try await change(to: .suspended, in: transaction, .organizationSuspended) {
            try await transaction.announce(.organization)
        }
    }

    /// Lets a suspended organisation in again, at once.
    /// - Throws: `organization_not_found`, `organization_deleted`.
    package func activate(in transaction: TenantTransaction) async throws {
        _ = try await change(to: .active, in: transaction, .organizationResumed)
    }

    /// - Returns: false where it was in that state before.
    private func change(
        to state: Organization.State,
        in transaction: TenantTransaction,
        _ action: AuditAction
    ) async throws -> Bool {
        let tenantID = transaction.tenantID
        guard let known = try await transaction.queryFirst(LockOrganization(tenantID: tenantID)) else {
            throw Fault.organizationNotFound
        }
        guard known.state != .deleted else { throw Fault.organizationDeleted }
        guard known.state != state else { return false }
        try await transaction.execute(UpdateOrganizationState(tenantID: tenantID, state: state))
        try await transaction.audit(action, of: known.clerkID)
        return true
    }
}
