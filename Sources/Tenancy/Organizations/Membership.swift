internal import Postgres
internal import Primitives

/// An organisation, and how one user with one session or API key stands to it.
struct Membership: Sendable {
    let organization: Organization
    /// nil where the user is not known as a member yet.
    let memberState: State?
    /// nil where Clerk has told nothing of the user.
    let accountState: AccountState?
    let isSessionEnded: Bool
    let isKeyRevoked: Bool

    enum State: String, Sendable, PostgresText {
        case active, removed
    }

    enum AccountState: String, Sendable, PostgresText {
        case active, banned, deleted
    }

    func admitted() throws(Fault) -> Organization {
        try organization.requireActive()
        switch accountState {
        case .deleted: throw .userDeleted
        case .banned: throw .userBanned
        case .active, nil: break
        }
        guard memberState != .removed else { throw .membershipRemoved }
        guard !isSessionEnded else { throw .sessionEnded }
        return organization
    }

    /// As `admitted`, for a key that this user made.
    func admittedKey() throws(Fault) -> Organization {
        try organization.requireActive()
        guard memberState == .active, accountState ?? .active == .active else { throw .apiKeyCreatorRemoved }
        guard !isKeyRevoked else { throw .apiKeyRevoked }
        return organization
    }
}
