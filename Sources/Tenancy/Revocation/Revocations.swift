public import Primitives

/// Some revocations, as they are told together, and whom they concern.
public struct Revocations: Sendable {
    private struct Subject: Hashable {
        let tenantID: TenantID
        let revocation: Revocation
    }

    private var subjects: Set<Subject> = []

    public init() {}

    public var isEmpty: Bool { subjects.isEmpty }
    public var count: Int { subjects.count }

    public mutating func insert(_ revocation: Revocation, of tenantID: TenantID) {
        switch revocation {
        case .organization, .member, .apiKey, .connection:
            subjects.insert(Subject(tenantID: tenantID, revocation: revocation))
        case .user, .session: subjects.insert(Subject(tenantID: .system, revocation: revocation))
        }
    }

    /// Whether what this caller has in this organisation is to be closed.
    public func cover(_ principal: Principal, of tenantID: TenantID) -> Bool {
        switch principal {
        case .person(let person): cover(userID: person.userID, sessionID: person.sessionID, of: tenantID)
        case .key(let key): cover(userID: key.createdBy, sessionID: nil, keyID: key.id, of: tenantID)
        }
    }

    /// - Parameter userID: of the caller, or of whoever made the key that calls.
    func cover(userID: String, sessionID: String?, keyID: APIKeyID? = nil, of tenantID: TenantID) -> Bool {
        contain(.organization, of: tenantID)
            || contain(.member(userID: userID), of: tenantID)
            || contain(.user(userID: userID), of: .system)
            || sessionID.map { contain(.session(sessionID: $0), of: .system) } ?? false
            || keyID.map { contain(.apiKey($0), of: tenantID) } ?? false
    }

    /// Whether this connection of a stream pass in this organisation is to be closed for another's sake.
    public func cover(_ connectionID: ConnectionID, of tenantID: TenantID) -> Bool {
        contain(.connection(connectionID), of: tenantID)
    }

    private func contain(_ revocation: Revocation, of tenantID: TenantID) -> Bool {
        subjects.contains(Subject(tenantID: tenantID, revocation: revocation))
    }
}
