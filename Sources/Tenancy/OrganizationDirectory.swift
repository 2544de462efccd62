internal import Postgres
package import Primitives
internal import Synchronization

/// The organisations and memberships that credentials name, remembered for a few seconds.
///
/// An organisation that no webhook has told us of yet is provisioned from the claims of a valid token, with no privilege
/// beyond the token. One that Clerk deleted stays refused.
package final class OrganizationDirectory: Sendable {
    private struct Key: Hashable {
        let tenantID: TenantID
        let userID: String
    }

    private struct Entry {
        let membership: Membership
        let expires: ContinuousClock.Instant
    }

    /// How long a suspension, deletion or removal may go unnoticed by this process.
    private static let lifetime = Duration.seconds(5)
    /// Bounds the memory; when full, the whole is forgotten and read anew.
    private static let maximumEntries = 50_000

    private let database: TenantDatabase
    private let entries = Mutex<[Key: Entry]>([:])

    package init(database: TenantDatabase) {
        self.database = database
    }

    /// - Throws: `organization_deleted`, `organization_suspended` or `membership_removed`.
    package func organization(for claim: OrganizationClaim) async throws -> Organization {
        let key = Key(tenantID: claim.tenantID, userID: claim.person.userID)
        if let entry = entries.withLock({ $0[key] }), entry.expires > .now {
            return try entry.membership.admitted()
        }
        let membership = try await load(claim)
        remember(membership, for: key)
        return try membership.admitted()
    }

    /// The organisation of an API key, as long as it still lets in whoever made the key.
    /// - Throws: `organization_deleted`, `organization_suspended` or `api_key_creator_removed`.
    package func organization(_ tenantID: TenantID, ofKeyMadeBy userID: String) async throws -> Organization {
        let key = Key(tenantID: tenantID, userID: userID)
        if let entry = entries.withLock({ $0[key] }), entry.expires > .now {
            return try entry.membership.admittedKey()
        }
        let selection = SelectMembership(tenantID: tenantID, userID: userID)
        guard let membership = try await database.queryFirst(selection, in: tenantID) else {
            throw Fault.apiKeyCreatorRemoved
        }
        remember(membership, for: key)
        return try membership.admittedKey()
    }

    /// What is known of a tenant is read anew at its next request.
    package func forget(_ tenantID: TenantID) {
        entries.withLock { entries in entries = entries.filter { $0.key.tenantID != tenantID } }
    }

    private func remember(_ membership: Membership, for key: Key) {
        entries.withLock { entries in
            if entries.count >= Self.maximumEntries { entries.removeAll() }
            entries[key] = Entry(membership: membership, expires: .now + Self.lifetime)
        }
    }

    private func load(_ claim: OrganizationClaim) async throws -> Membership {
        let tenantID = claim.tenantID
        let selection = SelectMembership(tenantID: tenantID, userID: claim.person.userID)
        if let known = try await database.queryFirst(selection, in: tenantID), known.memberState != nil {
            return known
        }
        return try await database.transaction(in: tenantID) { transaction in
            try await transaction.execute(InsertProvisionalOrganization(tenantID: tenantID, claim: claim))
            try await transaction.execute(InsertProvisionalMember(tenantID: tenantID, person: claim.person))
            guard let membership = try await transaction.queryFirst(selection) else {
                throw Fault(.internalFailure, .internalFailure)
            }
            return membership
        }
    }
}

/// An organisation, and how one user stands to it.
struct Membership: Sendable {
    let organization: Organization
    /// nil where the user is not known as a member yet.
    let memberState: State?

    enum State: String, Sendable, PostgresText {
        case active, removed
    }

    func admitted() throws(Fault) -> Organization {
        try organization.requireActive()
        guard memberState != .removed else { throw .membershipRemoved }
        return organization
    }

    /// As `admitted`, for a key that this user made.
    func admittedKey() throws(Fault) -> Organization {
        try organization.requireActive()
        guard memberState == .active else { throw .apiKeyCreatorRemoved }
        return organization
    }
}
