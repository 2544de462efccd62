/// What a person was granted in its organisation, by Clerk's names (`org:<feature>:<permission>`).
package struct Permission: Hashable, Sendable, RawRepresentable {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let manageAgents = Permission(rawValue: "org:agents:manage")
    package static let manageKnowledge = Permission(rawValue: "org:knowledge:manage")
    package static let manageSettings = Permission(rawValue: "org:settings:manage")
    package static let readAnalytics = Permission(rawValue: "org:analytics:read")
}

/// A member's role in its organisation, by Clerk's names.
package struct Role: Hashable, Sendable, RawRepresentable {
    package let rawValue: String

    /// - Parameter rawValue: with or without the prefix `org:`, which older tokens and the v2 claims leave out.
    package init(rawValue: String) {
        self.rawValue = rawValue.hasPrefix("org:") ? rawValue : "org:" + rawValue
    }

    package static let admin = Role(rawValue: "org:admin")
    package static let member = Role(rawValue: "org:member")
}
