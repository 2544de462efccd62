internal import Secrets
public import Tenancy
public import Primitives

/// Verifies API keys against the tenant's rows, which are remembered for a few seconds.
///
/// The order of checks: form and checksum, which ask nobody; the key found by its tenant and prefix, its hash compared
/// in constant time; then whether it was revoked or has expired. Whether the organisation and the key's maker are still
/// let in is for `OrganizationDirectory`.
public struct APIKeyVerifier: Sendable {
    private let database: TenantDatabase
    private let uses: APIKeyUses
    private let clock: WallClock
    private let cache: VerifiedAPIKeyCache
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameter cacheCapacity: how many keys are remembered, about 1 KB each.
    public init(
        database: TenantDatabase,
        uses: APIKeyUses,
        clock: WallClock = .system,
        cacheCapacity: Int = 8192,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.now = now
        self.database = database
        self.uses = uses
        self.clock = clock
        cache = VerifiedAPIKeyCache(capacity: cacheCapacity)
    }

    /// A key that was looked up lately, while it is good; asks nobody.
    public func recall(_ text: String) -> VerifiedAPIKey? {
        guard let token = try? APIKeyToken(text) else { return nil }
        return cache.key(for: token.digest, at: now()).flatMap { try? verified($0, token) }
    }

    /// - Throws: `api_key_malformed`, `api_key_invalid`, `api_key_revoked`, `api_key_expired`; `database_unavailable`.
    public func verify(_ text: String) async throws -> VerifiedAPIKey {
        let token = try APIKeyToken(text)
        return try await verified(known(token), token)
    }

    private func verified(_ known: StoredAPIKey, _ token: APIKeyToken) throws(Fault) -> VerifiedAPIKey {
        guard !known.isRevoked else { throw Fault.apiKeyRevoked }
        let now = clock.now()
        if let expiry = known.expiresAt, expiry <= now { throw Fault.apiKeyExpired }
        uses.note(known, at: now)
        return VerifiedAPIKey(
            tenantID: token.tenantID,
            principal: known.principal,
            requestsPerMinute: known.requestsPerMinute
        )
    }

    /// The keys that are concerned are read anew at their next use.
    public func forget(_ revocations: Revocations) {
        cache.forget(revocations)
    }

    private func known(_ token: APIKeyToken) async throws -> StoredAPIKey {
        // A key that is revoked while its row is read is remembered from before that on.
        let start = now()
        if let known = cache.key(for: token.digest, at: start) { return known }
        let selection = SelectAPIKeyByPrefix(tenantID: token.tenantID, prefix: token.prefix)
        let stored = try await database.queryFirst(selection, in: token.tenantID)
        guard token.matches(stored?.digest), let stored else { throw Fault.apiKeyInvalid }
        cache.insert(stored, at: start)
        return stored
    }
}

/// A key that is good, and whose it is.
public struct VerifiedAPIKey: Sendable, Hashable {
    public let tenantID: TenantID
    public let principal: Principal.Key
    /// Its own limit instead of the installation's.
    public let requestsPerMinute: Int?
}
