public import Primitives

/// Who calls, as proven by a credential.
public enum Principal: Hashable, Sendable {
    case person(Person)
    case key(Key)

    /// A person in the dashboard, with a session of Clerk's.
    public struct Person: Hashable, Sendable {
        /// Clerk's user id, `user_…`.
        public let userID: String
        /// Clerk's session id, `sess_…`, where the token names one.
        public let sessionID: String?
        public let role: Role
        public let permissions: Set<Permission>

        public init(userID: String, sessionID: String?, role: Role, permissions: Set<Permission>) {
            self.userID = userID
            self.sessionID = sessionID
            self.role = role
            self.permissions = permissions
        }
    }

    /// A server, with an API key of the organisation.
    public struct Key: Hashable, Sendable {
        public let id: APIKeyID
        public let name: String
        /// The user who made it; it is refused when that user is.
        public let createdBy: String
        public let scopes: Set<KeyScope>
        /// The only agents that it reaches; nil: all of its organisation's, also future ones.
        public let agentIDs: Set<AgentID>?

        public init(
            id: APIKeyID,
            name: String,
            createdBy: String,
            scopes: Set<KeyScope>,
            agentIDs: Set<AgentID>?
        ) {
            self.id = id
            self.name = name
            self.createdBy = createdBy
            self.scopes = scopes
            self.agentIDs = agentIDs
        }
    }

    /// Who did something, as logs and records name them: never a credential.
    public struct Actor: Hashable, Sendable {
        public let kind: Kind
        public let id: String

        public enum Kind: String, Hashable, Sendable, CaseIterable {
            case user
            case key = "api_key"
            /// One of Clerk's webhooks, by its delivery's id.
            case clerk
            /// Whoever runs the server, by a command.
            case `operator`
            /// The server by itself.
            case system
        }

        public init(_ kind: Kind, _ id: String) {
            self.kind = kind
            self.id = id
        }
    }

    /// The person who calls; nil for a key, whose maker is not there.
    public var userID: String? {
        if case .person(let person) = self { person.userID } else { nil }
    }

    public var keyID: APIKeyID? {
        if case .key(let key) = self { key.id } else { nil }
    }

    /// Who to write down as having done it.
    public var actor: Actor {
        switch self {
        case .person(let person): Actor(.user, person.userID)
        case .key(let key): Actor(.key, key.id.description)
        }
    }
}
