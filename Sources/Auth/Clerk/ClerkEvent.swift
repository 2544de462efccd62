internal import Primitives
internal import Secrets
internal import Tenancy

/// One of Clerk's webhook events, decoded as far as we act on it.
///
/// `{"object": "event", "type": …, "timestamp": …, "data": {…}}`, times in milliseconds. Fields that we do not use are
/// not looked at, so that Clerk can add and change them.
struct ClerkEvent {
    let type: String
    /// Clerk's id of the organisation that the event is about; nil where it is about none, or about all of a person's.
    let organizationID: String?
    let change: Change

    enum Change {
        case organization(OrganizationChange)
        case account(AccountChange)
        /// Of a type that we only store.
        case none
    }

    /// - Throws: `ClerkEventError` for a body that is not an event, and for one of a type that we act on whose data lacks
    ///   what we need.
    init(_ body: [UInt8]) throws {
        let event: JSON
        do { event = try JSON.parse(body).root } catch { throw ClerkEventError.notJSON(error) }
        let data = event["data"] ?? .null
        type = try event.text("type")
        switch type {
        case "organization.created", "organization.updated":
            let version = try Self.version(of: data, in: event, body: body)
            change = .organization(.organization(try OrganizationSnapshot(data, version: version)))
            organizationID = try data.text("id")
        case "organization.deleted":
            let id = try data.text("id")
            change = .organization(.organizationDeleted(clerkID: id))
            organizationID = id
        case "organizationMembership.created", "organizationMembership.updated":
            let membership = try Self.membership(data, in: event, body: body)
            change = .organization(.membership(membership))
            organizationID = membership.organization.clerkID
        case "organizationMembership.deleted":
            let membership = try Self.membership(data, in: event, body: body)
            change = .organization(.membershipDeleted(membership))
            organizationID = membership.organization.clerkID
        case "user.created", "user.updated":
            guard let isBanned = data["banned"]?.bool else { throw ClerkEventError.missing("banned") }
            let version = try Self.version(of: data, in: event, body: body)
            change = .account(.user(UserSnapshot(clerkID: try data.text("id"), isBanned: isBanned, version: version)))
            organizationID = nil
        case "user.deleted":
            change = .account(.userDeleted(clerkID: try data.text("id")))
            organizationID = nil
        case "session.ended", "session.removed", "session.revoked":
            change = .account(.sessionEnded(clerkID: try data.text("id")))
            organizationID = nil
        default:
            change = .none
            organizationID = data["organization_id"]?.string ?? data["organization"]?["id"]?.string
        }
    }

    private static func membership(_ data: JSON, in event: JSON, body: [UInt8]) throws -> MembershipSnapshot {
        let organization = data["organization"] ?? .null
        return MembershipSnapshot(
            clerkID: try data.text("id"),
            userID: try (data["public_user_data"] ?? .null).text("user_id"),
            role: Role(rawValue: try data.text("role")),
            permissions: (data["permissions"]?.array ?? []).compactMap(\.string).map(Permission.init(rawValue:)),
            organization: try OrganizationSnapshot(
                organization,
                version: try version(of: organization, in: event, body: body)
            ),
            version: try version(of: data, in: event, body: body)
        )
    }

    private static func version(of object: JSON, in event: JSON, body: [UInt8]) throws -> ClerkVersion {
        guard let updatedAt = object["updated_at"]?.integer.flatMap(Timestamp.init(millisecondsSinceEpoch:)) else {
            throw ClerkEventError.missing("updated_at")
        }
        return ClerkVersion(
            updatedAt: updatedAt,
            eventAt: event["timestamp"]?.integer.flatMap(Self.eventTime) ?? updatedAt,
            bodySHA256: SHA256.digest(body)
        )
    }

    /// Clerk's documentation has this one time in milliseconds, its OpenAPI document in seconds: below 10^11 it can only
    /// be seconds (milliseconds would be before 1973).
    private static func eventTime(_ number: Int) -> Timestamp? {
        number < 100_000_000_000
            ? Timestamp(millisecondsSinceEpoch: number * 1000)
            : Timestamp(millisecondsSinceEpoch: number)
    }
}

enum ClerkEventError: Error {
    case notJSON(any Error)
    /// The field is missing or has another type.
    case missing(String)
}

extension OrganizationSnapshot {
    fileprivate init(_ data: JSON, version: ClerkVersion) throws {
        self.init(
            clerkID: try data.text("id"),
            name: try data.text("name"),
            slug: data["slug"]?.string == nil ? nil : try data.text("slug"),
            version: version
        )
    }
}

extension JSON {
    /// Postgres stores no text with U+0000.
    fileprivate func text(_ name: String) throws -> String {
        guard let text = self[name]?.string, !text.isEmpty, !text.unicodeScalars.contains("\0") else {
            throw ClerkEventError.missing(name)
        }
        return text
    }
}

extension Timestamp {
    /// - Returns: nil before 1970 and after the year 9999.
    fileprivate init?(millisecondsSinceEpoch milliseconds: Int) {
        guard (0...253_402_300_799_999).contains(milliseconds) else { return nil }
        self.init(microsecondsSinceEpoch: Int64(milliseconds) * 1000)
    }
}
