public import Primitives

/// What is no longer to be let in, although its credential is still valid.
///
/// It only tells: the rows decide, and were changed in the same transaction.
public enum Revocation: Hashable, Sendable {
    /// The tenant itself: deleted or suspended.
    case organization
    case member(userID: String)
    case apiKey(APIKeyID)
    /// One connection of a stream pass, whose place another has taken: the pass itself goes on.
    case connection(ConnectionID)
    /// In all organisations: banned or deleted.
    case user(userID: String)
    /// In all organisations: signed out, or revoked.
    case session(sessionID: String)
}

extension TenantTransaction {
    /// Has every process forget what it knows of `revocation`'s subject and close what that has open, within 5 s of the
    /// commit.
    public func announce(_ revocation: Revocation) async throws {
        try await execute(InsertRevocation(tenantID: tenantID, revocation: revocation))
    }
}
