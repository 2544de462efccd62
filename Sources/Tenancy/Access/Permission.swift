/// What a person was granted in its organisation, by Clerk's names (`org:<feature>:<permission>`).
public struct Permission: Hashable, Sendable, RawRepresentable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let manageAgents = Permission(rawValue: "org:agents:manage")
    public static let manageKnowledge = Permission(rawValue: "org:knowledge:manage")
    public static let manageSettings = Permission(rawValue: "org:settings:manage")
    public static let manageWebhooks = Permission(rawValue: "org:webhooks:manage")
    public static let readAnalytics = Permission(rawValue: "org:analytics:read")
}

/// A member's role in its organisation, by Clerk's names.
public struct Role: Hashable, Sendable, RawRepresentable {
    public let rawValue: String

    /// - Parameter rawValue: with or without the prefix `org:`, which older tokens and the v2 claims leave out.
    public init(rawValue: String) {
        self.rawValue = rawValue.hasPrefix("org:") ? rawValue : "org:" + rawValue
    }

    public static let admin = Role(rawValue: "org:admin")
    public static let member = Role(rawValue: "org:member")
}
