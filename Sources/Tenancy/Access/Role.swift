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
