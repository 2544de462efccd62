public import Primitives
public import Secrets
public import Tenancy

/// A webhook in the shape of Clerk's.
public struct DevelopmentEvent: Sendable {
    public enum Verb: String, Sendable, CaseIterable {
        case created, updated, deleted
    }

    public struct Organization: Sendable {
        public let id: String
        public let name: String
        public let slug: String
        public let updatedAt: Timestamp

        public init(id: String, name: String, slug: String, updatedAt: Timestamp) {
            self.id = id
            self.name = name
            self.slug = slug
            self.updatedAt = updatedAt
        }
    }

    public struct Membership: Sendable {
        /// `orgmem_…`.
        public let id: String
        public let userID: String
        public let role: Role
        public let permissions: [Permission]
        public let organization: Organization
        public let updatedAt: Timestamp

        public init(
            id: String,
            userID: String,
            role: Role,
            permissions: [Permission] = [],
            organization: Organization,
            updatedAt: Timestamp
        ) {
            self.id = id
            self.userID = userID
            self.role = role
            self.permissions = permissions
            self.organization = organization
            self.updatedAt = updatedAt
        }
    }

    public struct User: Sendable {
        /// `user_…`.
        public let id: String
        public let isBanned: Bool
        public let updatedAt: Timestamp

        public init(id: String, isBanned: Bool = false, updatedAt: Timestamp) {
            self.id = id
            self.isBanned = isBanned
            self.updatedAt = updatedAt
        }
    }

    public enum SessionVerb: String, Sendable, CaseIterable {
        case created, ended, removed, revoked
    }

    /// The `svix-id`: the same in each attempt.
    public let id: String
    public let body: [UInt8]

    private init(type: String, data: JSON, at time: Timestamp) {
        id = "msg_" + SecureRandom.bytes(14).hexadecimal
        body =
            ([
                "data": data,
                "event_attributes": ["http_request": ["client_ip": "127.0.0.1", "user_agent": "development"]],
                "instance_id": "ins_development",
                "object": "event",
                "timestamp": .milliseconds(time),
                "type": .string(type),
            ] as JSON).encoded
    }

    public static func organization(
        _ verb: Verb,
        _ organization: Organization,
        at time: Timestamp
    ) -> DevelopmentEvent {
        let data: JSON =
            switch verb {
            case .created, .updated: json(organization)
            case .deleted:
                [
                    "deleted": true, "id": .string(organization.id), "object": "organization",
                    "slug": .string(organization.slug),
                ]
            }
        return DevelopmentEvent(type: "organization.\(verb)", data: data, at: time)
    }

    /// Also for a deletion Clerk sends the whole membership, with the time of its last change.
    public static func membership(_ verb: Verb, _ membership: Membership, at time: Timestamp) -> DevelopmentEvent {
        let data: JSON = [
            "created_at": .milliseconds(membership.updatedAt),
            "id": .string(membership.id),
            "object": "organization_membership",
            "organization": json(membership.organization),
            "permissions": .array(membership.permissions.map { .string($0.rawValue) }),
            "public_metadata": [:],
            "public_user_data": [
                "first_name": nil, "has_image": false, "identifier": "person@example.com",
                "image_url": "", "last_name": nil, "user_id": .string(membership.userID),
            ],
            "role": .string(membership.role.rawValue),
            "role_name": .string(membership.role.rawValue),
            "updated_at": .milliseconds(membership.updatedAt),
        ]
        return DevelopmentEvent(type: "organizationMembership.\(verb)", data: data, at: time)
    }

    public static func user(_ verb: Verb, _ user: User, at time: Timestamp) -> DevelopmentEvent {
        let data: JSON =
            switch verb {
            case .created, .updated:
                [
                    "banned": .bool(user.isBanned), "created_at": .milliseconds(user.updatedAt),
                    "email_addresses": [], "external_id": nil, "first_name": nil, "id": .string(user.id),
                    "last_name": nil, "locked": false, "object": "user",
                    "updated_at": .milliseconds(user.updatedAt),
                ]
            case .deleted:
                ["deleted": true, "id": .string(user.id), "object": "user"]
            }
        return DevelopmentEvent(type: "user.\(verb)", data: data, at: time)
    }

    /// - Parameter id: `sess_…`.
    public static func session(
        _ verb: SessionVerb,
        _ id: String,
        of userID: String,
        at time: Timestamp
    ) -> DevelopmentEvent {
        let data: JSON = [
            "client_id": "client_development", "created_at": .milliseconds(time), "id": .string(id),
            "object": "session", "status": .string(verb == .created ? "active" : verb.rawValue),
            "updated_at": .milliseconds(time), "user_id": .string(userID),
        ]
        return DevelopmentEvent(type: "session.\(verb)", data: data, at: time)
    }

    /// The headers of an attempt to deliver it.
    public func headers(signedWith secret: WebhookSecret, at time: Timestamp) -> WebhookHeaders {
        StandardWebhooks.sign(id: id, at: time, body: body, with: [secret])
    }

    private static func json(_ organization: Organization) -> JSON {
        [
            "admin_delete_enabled": true,
            "created_at": .milliseconds(organization.updatedAt),
            "created_by": nil,
            "has_image": false,
            "id": .string(organization.id),
            "image_url": "",
            "max_allowed_memberships": 5,
            "name": .string(organization.name),
            "object": "organization",
            "public_metadata": [:],
            "slug": .string(organization.slug),
            "updated_at": .milliseconds(organization.updatedAt),
        ]
    }
}

extension JSON {
    fileprivate static func milliseconds(_ time: Timestamp) -> JSON {
        .number(JSONNumber(time.microsecondsSinceEpoch / 1000))
    }
}
