internal import Tenancy

/// How many live streams may be open at once at one process.
public struct StreamLimits: Sendable, Hashable {
    /// Of one organisation.
    public var tenant: Int
    /// Of one of its users or API keys.
    public var user: Int

    public init(tenant: Int = 1000, user: Int = 50) {
        self.tenant = tenant
        self.user = user
    }

    /// - Parameter others: whose streams of the same organisation are open.
    func admit(_ actor: Principal.Actor, beside others: some Collection<Principal.Actor>) -> Bool {
        others.count < tenant && others.count { $0 == actor } < user
    }
}
