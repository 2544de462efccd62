public import Primitives
public import Tenancy

/// An API key as people see it: everything but its secret.
public struct APIKey: Sendable, Hashable {
    public let id: APIKeyID
    /// By which a key's text can be told from another's: the 8 characters after the tenant's 22.
    public let prefix: String
    public let grant: Grant
    /// Clerk's user id.
    public let createdBy: String
    public let createdAt: Timestamp
    /// At most a minute behind; nil where it was never used.
    public let lastUsedAt: Timestamp?
    public let revocation: Revocation?

    public var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }

    /// What whoever makes a key decides of it, once.
    public struct Grant: Sendable, Hashable {
        public let name: String
        public let scopes: Set<KeyScope>
        /// The only agents that it reaches; nil: all, also future ones.
        public let agentIDs: Set<AgentID>?
        /// Its own limit instead of the installation's.
        public let requestsPerMinute: Int?
        public let expiresAt: Timestamp?

        public init(
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

    public struct Revocation: Sendable, Hashable {
        public let at: Timestamp
        /// Clerk's user id.
        public let by: String
        public let reason: String?
    }
}

/// A key that was just made, with its text, which is known nowhere else and never again.
public struct NewAPIKey: Sendable {
    public let key: APIKey
    /// The whole text; nil where it is no longer to be told.
    public private(set) var secret: Redacted<String>?

    init(key: APIKey, secret: Redacted<String>) {
        self.key = key
        self.secret = secret
    }

    public var withoutSecret: NewAPIKey {
        var copy = self
        copy.secret = nil
        return copy
    }
}
