/// How calls are made.
public struct OutboundConfiguration: Sendable {
    public var policy: OutboundPolicy
    public var limits: CallLimits
    /// For a connection to one address, TLS included, within the request's deadline; default 5 s.
    ///
    /// Then the next address has its turn.
    public var connectTimeout: Duration
    /// How many of a name's addresses are dialled at most, one after the other; default 4.
    public var addressesTried: Int
    /// Who may sign certificates, in PEM; nil for whom the system trusts.
    public var trustedCertificates: [UInt8]?
    public var resolver: any NameResolver

    public init(
        policy: OutboundPolicy = .production,
        limits: CallLimits = CallLimits(),
        connectTimeout: Duration = .seconds(5),
        addressesTried: Int = 4,
        trustedCertificates: [UInt8]? = nil,
        resolver: any NameResolver = SystemResolver()
    ) {
        self.policy = policy
        self.limits = limits
        self.connectTimeout = connectTimeout
        self.addressesTried = addressesTried
        self.trustedCertificates = trustedCertificates
        self.resolver = resolver
    }
}
