package import Primitives

/// Who calls, as proven by a credential.
package enum Principal: Hashable, Sendable {
    case person(Person)
    case key(Key)

    /// A person in the dashboard, with a session of Clerk's.
    package struct Person: Hashable, Sendable {
        /// Clerk's user id, `user_…`.
        package let userID: String
        /// Clerk's session id, `sess_…`, where the token names one.
        package let sessionID: String?
        package let role: Role
        package let permissions: Set<Permission>

        package init(userID: String, sessionID: String?, role: Role, permissions: Set<Permission>) {
            self.userID = userID
            self.sessionID = sessionID
            self.role = role
            self.permissions = permissions
        }
    }

    /// A server, with an API key of the organisation.
    package struct Key: Hashable, Sendable {
        package let id: APIKeyID
        package let name: String
        /// The user who made it; it is refused when that user is.
        package let createdBy: String
        package let scopes: Set<KeyScope>
        /// The only agents that it reaches; nil: all of its organisation's, also future ones.
        package let agentIDs: Set<AgentID>?

        package init(
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
    package struct Actor: Hashable, Sendable {
        package let kind: Kind
        package let id: String

        package enum Kind: String, Hashable, Sendable, CaseIterable {
            case user
            case key = "api_key"
            /// One of Clerk's webhooks, by its delivery's id.
            case clerk
            /// Whoever runs the server, by a command.
            case `operator`
            /// The server by itself.
            case system
        }

        package init(_ kind: Kind, _ id: String) {
            self.kind = kind
            self.id = id
        }
    }

    /// The person who calls; nil for a key, whose maker is not there.
    package var userID: String? {
        if case .person(let person) = self { person.userID } else { nil }
    }

    package var keyID: APIKeyID? {
        if case .key(let key) = self { key.id } else { nil }
    }

    /// Who to write down as having done it.
    package var actor: Actor {
        switch self {
        case .person(let person): Actor(.user, person.userID)
        case .key(let key): Actor(.key, key.id.description)
        }
    }
}

/// A request's proven place: the tenant, who calls, and how to answer them.
package struct TenantContext: Sendable {
    package let organization: Organization
    package let principal: Principal
    package let language: Language
    package let requestID: RequestID

    package var tenantID: TenantID { organization.id }

    package init(organization: Organization, principal: Principal, language: Language, requestID: RequestID) {
        self.organization = organization
        self.principal = principal
        self.language = language
        self.requestID = requestID
    }

    /// - Throws: `permission_denied`, `api_key_scope_missing` or `people_only`, naming what is missing.
    package func require(_ rule: AccessRule) throws(Fault) {
        try principal.require(rule)
    }
}
