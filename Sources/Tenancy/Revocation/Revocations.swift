package import Primitives

/// Some revocations, as they are told together, and whom they concern.
package struct Revocations: Sendable {
    private struct Subject: Hashable {
        let tenantID: TenantID
        let revocation: Revocation
    }

    private var subjects: Set<Subject> = []

    package init() {}

    package var isEmpty: Bool { subjects.isEmpty }
    package var count: Int { subjects.count }

    package mutating func insert(_ revocation: Revocation, of tenantID: TenantID) {
        switch revocation {
        case .organization, .member, .apiKey: subjects.insert(Subject(tenantID: tenantID, revocation: revocation))
        case .user, .session: subjects.insert(Subject(tenantID: .system, revocation: revocation))
        }
    }

    /// Whether what this caller has in this organisation is to be closed.
    package func cover(_ principal: Principal, of tenantID: TenantID) -> Bool {
        cover(Caller(principal), of: tenantID)
    }

    /// What of a caller can be revoked.
    struct Caller: Hashable {
        /// Of whoever made the key, where that calls.
        let userID: String
        let sessionID: String?
        let keyID: APIKeyID?

        init(_ principal: Principal) {
            switch principal {
            case .person(let person): (userID, sessionID, keyID) = (person.userID, person.sessionID, nil)
            case .key(let key): (userID, sessionID, keyID) = (key.createdBy, nil, key.id)
            }
        }
    }

    func cover(_ caller: Caller, of tenantID: TenantID) -> Bool {
        contain(.organization, of: tenantID)
            || contain(.member(userID: caller.userID), of: tenantID)
            || contain(.user(userID: caller.userID), of: .system)
            || caller.sessionID.map { contain(.session(sessionID: $0), of: .system) } ?? false
            || caller.keyID.map { contain(.apiKey($0), of: tenantID) } ?? false
    }

    private func contain(_ revocation: Revocation, of tenantID: TenantID) -> Bool {
        subjects.contains(Subject(tenantID: tenantID, revocation: revocation))
    }
}
