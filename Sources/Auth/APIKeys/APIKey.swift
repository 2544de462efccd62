package import Primitives
package import Tenancy

/// An API key as people see it: everything but its secret.
package struct APIKey: Sendable, Hashable {
    package let id: APIKeyID
    /// By which a key's text can be told from another's: the 8 characters after the tenant's 22.
    package let prefix: String
    package let grant: Grant
    /// Clerk's user id.
    package let createdBy: String
    package let createdAt: Timestamp
    /// At most a minute behind; nil where it was never used.
    package let lastUsedAt: Timestamp?
    package let revocation: Revocation?

    package var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }

    /// What whoever makes a key decides of it, once.
    package struct Grant: Sendable, Hashable {
        package let name: String
        package let scopes: Set<KeyScope>
        /// The only agents that it reaches; nil: all, also future ones.
        package let agentIDs: Set<AgentID>?
        /// Its own limit instead of the installation's.
        package let requestsPerMinute: Int?
        package let expiresAt: Timestamp?

        package init(
            name: String,
            scopes: Set<KeyScope>,
            agentIDs: Set<AgentID>? = nil,
            requestsPerMinute: Int? = nil,
            expiresAt: Timestamp? = nil
        ) {
            self.name = name
            self.scopes = scopes
            self.agentIDs = agentIDs
            self.requestsPerMinute = requestsPerMinute
            self.expiresAt = expiresAt
        }
    }

    package struct Revocation: Sendable, Hashable {
        package let at: Timestamp
        /// Clerk's user id.
        package let by: String
        package let reason: String?
    }
}

/// A key that was just made, with its text, which is known nowhere else and never again.
package struct NewAPIKey: Sendable {
    package let key: APIKey
    /// The whole text; nil where it is no longer to be told.
    package private(set) var secret: Redacted<String>?

    init(key: APIKey, secret: Redacted<String>) {
        self.key = key
        self.secret = secret
    }

    package var withoutSecret: NewAPIKey {
        var copy = self
        copy.secret = nil
        return copy
    }
}
