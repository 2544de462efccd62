internal import Primitives

/// Keeps organisations and members as Clerk's webhooks tell of them.
///
/// Clerk's events come late, more than once and in any order. Each part of a row is therefore a function of the *set* of
/// events that came: its content is that of the event with the greatest version, and what was deleted stays so for ever.
/// Any order and repetition ends in the same rows.
public struct OrganizationSync: Sendable {
    private let database: TenantDatabase
    private let directory: OrganizationDirectory
    private let revocations: RevocationFeed

    public init(database: TenantDatabase, directory: OrganizationDirectory, revocations: RevocationFeed) {
        self.database = database
        self.directory = directory
        self.revocations = revocations
    }

    /// Stores a delivery and applies its change in one transaction, once for each delivery id.
    ///
    /// In this process what it revokes is closed when it returns, in the others within seconds.
    /// - Returns: false for a delivery that was stored before.
    public func apply(
        _ change: OrganizationChange?,
        of delivery: ClerkDelivery,
        by origin: Origin
    ) async throws -> Bool {
        let tenantID = delivery.tenantID
        let isNew = try await database.transaction(in: tenantID, by: origin) { transaction in
            guard try await transaction.execute(InsertClerkEvent(delivery: delivery)) == 1 else { return false }
            if let change { try await apply(change, in: transaction) }
            return true
        }
        if isNew, change != nil {
            directory.forget(tenantID)
            await revocations.look()
        }
        return isNew
    }

    /// Each change writes the organisation's row first and so holds its lock: changes of one tenant happen one after
    /// the other, and each sees the tombstones of those before it.
    private func apply(_ change: OrganizationChange, in transaction: TenantTransaction) async throws {
        let tenantID = transaction.tenantID
        switch change {
        case .organization(let snapshot):
            let changed = try await transaction.execute(UpsertOrganization(tenantID: tenantID, snapshot: snapshot))
            if changed > 0 { try await transaction.audit(.organizationUpdated, of: tenantID.description) }
        case .organizationDeleted(let clerkID):
            try await transaction.execute(MarkOrganizationDeleted(tenantID: tenantID, clerkID: clerkID))
            try await transaction.announce(.organization)
            try await transaction.audit(.organizationDeleted, of: tenantID.description)
        case .membership(let membership):
            try await transaction.execute(UpsertOrganization(tenantID: tenantID, snapshot: membership.organization))
            guard try await settle(membership, in: transaction) else { break }
            let role = JSON.string(membership.role.rawValue)
            try await transaction.audit(.memberUpdated, of: membership.userID, details: ["role": role])
        case .membershipDeleted(let membership):
            try await transaction.execute(UpsertOrganization(tenantID: tenantID, snapshot: membership.organization))
            let tombstone = InsertMembershipTombstone(tenantID: tenantID, clerkID: membership.clerkID)
            let isNew = try await transaction.execute(tombstone) == 1
            try await settle(membership, in: transaction)
            if isNew { try await transaction.audit(.memberRemoved, of: membership.userID) }
        }
    }

    /// - Returns: whether what was known of the member was older.
    @discardableResult
    private func settle(_ membership: MembershipSnapshot, in transaction: TenantTransaction) async throws -> Bool {
        let (tenantID, userID) = (transaction.tenantID, membership.userID)
        let changed = try await transaction.execute(UpsertMember(tenantID: tenantID, snapshot: membership))
        let settling = SettleMemberState(tenantID: tenantID, userID: userID)
        if try await transaction.queryFirst(settling) == .removed {
            try await transaction.announce(.member(userID: userID))
        }
        return changed > 0
    }
}
