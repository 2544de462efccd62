internal import Postgres
public import Primitives
public import Tenancy

/// An organisation's API keys, as its admins manage them.
public struct APIKeyService: Sendable {
    private let database: TenantDatabase
    private let clock: WallClock

    public init(database: TenantDatabase, clock: WallClock = .system) {
        self.database = database
        self.clock = clock
    }

    /// - Throws: `validation_error` for an expiry that has passed.
    public func create(
        _ grant: APIKey.Grant,
        by userID: String,
        in transaction: TenantTransaction
    ) async throws -> NewAPIKey {
        let now = clock.now()
        if let expiry = grant.expiresAt, expiry <= now { throw Fault.apiKeyExpiryPassed(expiry) }
        let token = APIKeyToken(newFor: transaction.tenantID)
        let key = APIKey(
            id: .next(),
            prefix: token.prefix,
            grant: grant,
            createdBy: userID,
            createdAt: now,
            lastUsedAt: nil,
            revocation: nil
        )
        // Two keys of one tenant draw the same prefix once in 2⁴⁷ pairs; the second is then an internal error.
        try await transaction.execute(InsertAPIKey(tenantID: transaction.tenantID, key: key, digest: token.digest))
        return NewAPIKey(key: key, secret: token.text)
    }

    /// Newest first, with those that were revoked or have expired.
    public func keys(_ request: PageRequest, in tenantID: TenantID) async throws -> Page<APIKey> {
        let rows = try await database.query(SelectAPIKeys(tenantID: tenantID, request: request), in: tenantID)
        return Page(rows: rows, request: request, cursor: \.pageCursor)
    }

    /// - Throws: `api_key_not_found`.
    public func key(_ id: APIKeyID, in tenantID: TenantID) async throws -> APIKey {
        guard let key = try await database.queryFirst(SelectAPIKey(tenantID: tenantID, id: id), in: tenantID) else {
            throw Fault.apiKeyNotFound
        }
        return key
    }

    /// The key is refused by every server within 5 s of the commit, for ever.
    ///
    /// One that was revoked before stays as it is.
    /// - Throws: `api_key_not_found`.
    public func revoke(
        _ id: APIKeyID,
        by userID: String,
        reason: String?,
        in transaction: TenantTransaction
    ) async throws -> APIKey {
        let tenantID = transaction.tenantID
        let revocation = APIKey.Revocation(at: clock.now(), by: userID, reason: reason)
        let command = RevokeAPIKey(tenantID: tenantID, id: id, revocation: revocation)
        if try await transaction.execute(command) == 1 { try await transaction.announce(.apiKey(id)) }
        guard let key = try await transaction.queryFirst(SelectAPIKey(tenantID: tenantID, id: id)) else {
            throw Fault.apiKeyNotFound
        }
        return key
    }
}
