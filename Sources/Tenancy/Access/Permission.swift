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
