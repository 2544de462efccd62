internal import Postgres
public import Primitives
internal import Synchronization

/// The organisations and memberships that credentials name; who was admitted is remembered for a few seconds.
///
/// An organisation that no webhook has told us of yet is provisioned from the claims of a valid token, with no privilege
/// beyond the token. One that Clerk deleted stays refused. A refusal is not remembered, so whoever is let in again gets in
/// at once.
public final class OrganizationDirectory: Sendable {
    private struct Key: Hashable {
        let tenantID: TenantID
        /// Of the caller, or of whoever made the key that calls.
        let userID: String
        let sessionID: String?
        let keyID: APIKeyID?

        init(_ tenantID: TenantID, _ principal: Principal) {
            self.tenantID = tenantID
            switch principal {
            case .person(let person): (userID, sessionID, keyID) = (person.userID, person.sessionID, nil)
            case .key(let key): (userID, sessionID, keyID) = (key.createdBy, nil, key.id)
            }
        }
    }

    private struct Entry {
        let organization: Organization
        let expires: ContinuousClock.Instant
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        /// How often something was forgotten: what was read before may be what is to be forgotten.
        var generation = 0
    }

    /// How long a suspension, deletion or removal may go unnoticed by a process that no revocation reaches.
    private static let lifetime = Duration.seconds(5)
    /// Bounds the memory; when full, the whole is forgotten and read anew.
    private static let maximumEntries = 50_000

    private let database: TenantDatabase
    private let state = Mutex(State())

    public init(database: TenantDatabase) {
        self.database = database
    }

    /// The organisation of a caller who was admitted lately; asks nobody.
    public func recall(_ tenantID: TenantID, for principal: Principal) -> Organization? {
        let key = Key(tenantID, principal)
        return state.withLock { state in
            guard let entry = state.entries[key], entry.expires > .now else { return nil }
            return entry.organization
        }
    }

    /// - Throws: `organization_deleted`, `organization_suspended`, `user_deleted`, `user_banned`, `membership_removed` or
    ///   `session_ended`.
    public func organization(for claim: OrganizationClaim) async throws -> Organization {
        try await admitted(Key(claim.tenantID, .person(claim.person))) { try await load(claim, $0) }
    }

    /// Admits a caller once more, after what it opens was registered with those who close it.
    ///
    /// A revocation that was told between the caller's admission and the registration has closed nothing: here it refuses.
    /// - Throws: as `organization(for:)`.
    public func confirm(_ context: TenantContext) async throws {
        _ = try await known(Key(context.tenantID, context.principal))
    }

    /// The organisation of an API key, while it lets in whoever made the key, and the key was not revoked.
    /// - Throws: `organization_deleted`, `organization_suspended`, `api_key_creator_removed` or `api_key_revoked`.
    public func organization(_ tenantID: TenantID, for key: Principal.Key) async throws -> Organization {
        try await known(Key(tenantID, .key(key)))
    }

    /// The organisation of a person whose session was verified before, while it lets them in.
    /// - Throws: as `organization(for:)`.
    public func organization(_ tenantID: TenantID, for person: Principal.Person) async throws -> Organization {
        try await known(Key(tenantID, .person(person)))
    }

    /// What is known of a tenant is read anew at its next request.
    public func forget(_ tenantID: TenantID) {
        var revocations = Revocations()
        revocations.insert(.organization, of: tenantID)
        forget(revocations)
    }

    /// What is known of those who are concerned is read anew at their next request.
    public func forget(_ revocations: Revocations) {
        state.withLock { state in
            state.generation += 1
            state.entries = state.entries.filter { key, _ in
                !revocations.cover(userID: key.userID, sessionID: key.sessionID, keyID: key.keyID, of: key.tenantID)
            }
        }
    }

    private func known(_ key: Key) async throws -> Organization {
        try await admitted(key) { selection in
            guard let membership = try await database.queryFirst(selection, in: key.tenantID) else {
                throw Fault.organizationNotFound
            }
            return membership
        }
    }

    private func admitted(
        _ key: Key,
        load: (SelectMembership) async throws -> Membership
    ) async throws -> Organization {
        // From before the rows are read: what they say may be over by the time the answer is here.
        let start = ContinuousClock.now
        let (known, generation) = state.withLock { ($0.entries[key], $0.generation) }
        if let known, known.expires > start { return known.organization }
        let selection = SelectMembership(
            tenantID: key.tenantID,
            userID: key.userID,
            sessionID: key.sessionID,
            keyID: key.keyID
        )
        let membership = try await load(selection)
        let organization = try key.keyID == nil ? membership.admitted() : membership.admittedKey()
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= Self.maximumEntries { state.entries.removeAll() }
            state.entries[key] = Entry(organization: organization, expires: start + Self.lifetime)
        }
        return organization
    }

    private func load(_ claim: OrganizationClaim, _ selection: SelectMembership) async throws -> Membership {
        let tenantID = claim.tenantID
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
