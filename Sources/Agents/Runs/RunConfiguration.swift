/// How many answers one process makes, and how long it keeps them at hand.
public struct RunConfiguration: Hashable, Sendable {
    /// Answers at once.
    ///
    /// One more is refused with `server_busy`. Default 512.
    public var maximumRuns = 512

    /// Answers at once for one tenant, so that none takes all places of the process, whatever its plan allows.
    ///
    /// One more is refused with `server_busy`. Default 256, half of all.
    public var maximumRunsOfTenant = 256

    /// How long until the leases of 20 s by which the answers are this process's are renewed.
    ///
    /// Default 5 s, a quarter of a lease.
    public var leaseRenewalInterval = Duration.seconds(5)

    /// How long a process that is told to end lets answers finish, before it interrupts them.
    ///
    /// Default 25 s, which with the storing of what is left stays below the 30 s that orchestrators usually give.
    public var drainTimeout = Duration.seconds(25)

    /// How long the events of an ended answer can be read again, word for word.
    ///
    /// Afterwards they are told from the store. Default 10 min.
    public var retention = Duration.seconds(600)

    /// Bytes of ended answers' events at most.
    ///
    /// Beyond that the oldest are let go before their time. Default 256 MiB.
    public var maximumRetainedSize = 256 << 20

    public init() {}
}
