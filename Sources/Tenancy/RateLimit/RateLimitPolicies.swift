internal import Primitives

/// The limits of an installation; a plan's stand before those of tenants and users.
public struct RateLimitPolicies: Sendable {
    public var address = RateLimit("address", quota: 1200, per: .seconds(60))
    /// Of an address, each one a wrong credential.
    public var failedAuthentication = RateLimit("failed-authentication", quota: 30, per: .seconds(60))
    /// Reads; the other classes have a part of it, by their weight.
    public var tenant = RateLimit("tenant", quota: 600, per: .seconds(60))
    /// Reads of a user or an API key; the other classes have a part of it, by their weight.
    public var user = RateLimit("user", quota: 300, per: .seconds(60))

    public init() {}

    func tenant(_ routeClass: RouteClass, _ plan: PlanLimits) -> RateLimit {
        tenant.part(for: routeClass, quota: plan.requests[routeClass]?.tenant)
    }

    func caller(_ caller: RateLimitCaller, _ routeClass: RouteClass, _ plan: PlanLimits) -> RateLimit {
        switch caller {
        case .user:
            user.part(for: routeClass, quota: plan.requests[routeClass]?.user)
        case .key(_, quota: nil):
            user.named("key").part(for: routeClass, quota: plan.requests[routeClass]?.user)
        case .key(_, let quota?):
            RateLimit("key", quota: quota, per: .seconds(60))
        }
    }
}

/// Who acts for a tenant.
public enum RateLimitCaller: Hashable, Sendable {
    /// By its id.
    case user(String)
    /// An API key by its id, with its own requests a minute of all classes together; nil: as many as a user.
    case key(String, quota: Int?)

    /// - Parameter keyQuota: An API key's own requests a minute.
    public init(_ principal: Principal, keyQuota: Int? = nil) {
        self =
            switch principal {
            case .person(let person): .user(person.userID)
            case .key(let key): .key(key.id.description, quota: keyQuota)
            }
    }

    var key: String {
        switch self {
        case .user(let id), .key(let id, _): id
        }
    }
}

extension RateLimit {
    /// The limit of one class of routes: a plan's figure a minute, or this one's part.
    ///
    /// Names of up to 15 bytes, as all of these are, are made without allocating.
    fileprivate func part(for routeClass: RouteClass, quota: Int?) -> RateLimit {
        let name = routeClass == .read ? name : "\(name)-\(routeClass.rawValue)"
        if let quota { return RateLimit(name, quota: quota, per: .seconds(60)) }
        return RateLimit(name, quota: max(1, self.quota / routeClass.weight), per: window)
    }

    fileprivate func named(_ name: String) -> RateLimit {
        RateLimit(name, quota: quota, per: window, burst: burst)
    }
}
