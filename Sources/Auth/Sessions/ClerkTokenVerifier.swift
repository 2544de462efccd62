public import Primitives
internal import Secrets

/// Verifies Clerk's session tokens without a network call.
///
/// The order of checks: size and shape, header, key, signature over the exact bytes, then the claims. A token that was
/// verified is remembered by its hash until it expires, as long as its key is known.
public struct ClerkTokenVerifier: Sendable {
    private let policy: SessionTokenPolicy
    private let keys: JWKSProvider
    private let clock: WallClock
    private let cache: VerifiedTokenCache

    /// - Parameter cacheCapacity: How many verified tokens are remembered, about 1 KB each.
    public init(
        policy: SessionTokenPolicy,
        keys: JWKSProvider,
        clock: WallClock = .system,
        cacheCapacity: Int = 8192
    ) {
        self.policy = policy
        self.keys = keys
        self.clock = clock
        cache = VerifiedTokenCache(capacity: cacheCapacity)
    }

    /// The session of a token that was verified before, while it and its key are good; asks nobody.
    public func recall(_ token: String) -> VerifiedSession? {
        guard token.utf8.count <= SessionTokenParts.maximumSize,
            let known = cache.session(for: SHA256.digest(token.utf8)), keys.isFresh(id: known.keyID),
            !SessionTokenPolicy.hasExpired(known.session.expiresAt, at: clock.now())
        else { return nil }
        return known.session
    }

    /// The session of the first token that is ours.
    ///
    /// A browser can hold session cookies of several Clerk applications of one host; a header names one token.
    /// - Throws: What `verify(_ token:)` throws for the first token.
    public func verify(_ tokens: [Redacted<String>]) async throws(Fault) -> VerifiedSession {
        var refusal: Fault?
        for token in tokens {
            do { return try await verify(token.exposed) } catch { refusal = refusal ?? error }
        }
        throw refusal ?? .tokenMissing
    }

    /// - Throws: A 401 fault that names the first check that failed, or `token_keys_unavailable`.
    public func verify(_ token: String) async throws(Fault) -> VerifiedSession {
        guard token.utf8.count <= SessionTokenParts.maximumSize else { throw .tokenTooLarge }
        let digest = SHA256.digest(token.utf8)
        if let known = cache.session(for: digest) {
            _ = try await keys.key(id: known.keyID)
            guard !SessionTokenPolicy.hasExpired(known.session.expiresAt, at: clock.now()) else { throw .tokenExpired }
            return known.session
        }
        let parts = try SessionTokenParts(token)
        let key = try await keys.key(id: parts.keyID)
        guard key.verifies(signature: parts.signature, of: parts.signedBytes) else { throw .tokenSignatureInvalid }
        let claims = try SessionClaims(verifiedPayload: parts.payload)
        try policy.admit(claims, at: clock.now())
        let session = VerifiedSession(claims)
        cache.insert(VerifiedTokenCache.Entry(session: session, keyID: parts.keyID), for: digest)
        return session
    }
}
