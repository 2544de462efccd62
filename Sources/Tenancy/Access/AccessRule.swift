public import Primitives

/// Who may do something in an organisation: which people, and which API keys.
public struct AccessRule: Hashable, Sendable {
    public let people: People
    public let keys: Keys

    public init(people: People, keys: Keys) {
        self.people = people
        self.keys = keys
    }

    public enum People: Hashable, Sendable {
        /// Whatever their role.
        case anyMember
        case admins
        /// Whom Clerk granted this permission, and admins.
        case holding(Permission)
    }

    public enum Keys: Hashable, Sendable {
        case refused
        case scope(KeyScope)
    }

    /// To set the instructions that an agent follows.
    public static let manageAgents = AccessRule(people: .holding(.manageAgents), keys: .scope(.agentsWrite))
}

extension Principal {
    /// - Throws: `permission_denied`, `api_key_scope_missing` or `people_only`, naming what is missing.
    public func require(_ rule: AccessRule) throws(Fault) {
        switch (self, rule.keys) {
        case (.person(let person), _):
            guard person.satisfies(rule.people) else { throw .permissionDenied(rule.people) }
        case (.key(let key), .scope(let scope)):
            guard key.scopes.contains(scope) else { throw .apiKeyScopeMissing(scope) }
        case (.key, .refused):
            throw .peopleOnly
        }
    }
}

extension Principal.Person {
    /// Admins may do everything in their organisation.
    fileprivate func satisfies(_ people: AccessRule.People) -> Bool {
        switch people {
        case .anyMember: true
        case .admins: role == .admin
        case .holding(let permission): role == .admin || permissions.contains(permission)
        }
    }
}
