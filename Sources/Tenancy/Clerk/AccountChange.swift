/// What an event says of a person.
public enum AccountChange: Sendable, Hashable {
    case user(UserSnapshot)
    case userDeleted(clerkID: String)
    /// Signed out, or revoked.
    case sessionEnded(clerkID: String)
}

/// A person as Clerk had it at a version.
public struct UserSnapshot: Sendable, Hashable {
    public let clerkID: String
    public let isBanned: Bool
    public let version: ClerkVersion

    public init(clerkID: String, isBanned: Bool, version: ClerkVersion) {
        self.clerkID = clerkID
        self.isBanned = isBanned
        self.version = version
    }
}
