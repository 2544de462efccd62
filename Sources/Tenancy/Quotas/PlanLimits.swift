internal import Primitives

/// What an organisation may do by its plan and by what was agreed with it, as far as these say.
public struct PlanLimits: Hashable, Sendable {
    /// Requests a minute.
    public struct Requests: Hashable, Sendable {
        /// Of the whole organisation; nil: the installation's default.
        public var tenant: Int?
        /// Of each user or API key; nil: the installation's default.
        public var user: Int?

        public init(tenant: Int? = nil, user: Int? = nil) {
            self.tenant = tenant
            self.user = user
        }
    }

    public var requests: [RouteClass: Requests] = [:]
    /// Answers being made at once; nil: the installation's default.
    public var concurrentAnswers: Int?
    /// Hard quotas; nil: none.
    public var monthlyMessages: Int?
    public var monthlyTokens: Int?
    public var storageBytes: Int?

    public init() {}
}

extension PlanLimits {
    /// Reads what `tenancy.are_limits` lets be stored.
    init(stored: JSON) {
        for routeClass in RouteClass.allCases {
            let name = "\(routeClass.rawValue)_per_minute"
            let limits = Requests(tenant: stored[name]?.integer, user: stored["\(name)_of_user"]?.integer)
            if limits != Requests() { requests[routeClass] = limits }
        }
        concurrentAnswers = stored["concurrent_answers"]?.integer
        monthlyMessages = stored["monthly_messages"]?.integer
        monthlyTokens = stored["monthly_tokens"]?.integer
        storageBytes = stored["storage_bytes"]?.integer
    }
}
