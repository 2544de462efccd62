/// How a process does jobs.
///
/// The times hang together: `heartbeat < trust < lease`.
public struct JobWorkerConfiguration: Sendable {
    /// A queue that the process works on.
    public struct Queue: Sendable {
        public var queue: JobQueue
        /// Jobs at a time in this process.
        public var slots: Int
        /// Jobs of one tenant at a time, in all processes; nil for no limit.
        ///
        /// A limit makes claims of the queue wait for each other.
        public var tenantLimit: Int?
        /// Jobs on top of `slots`, of tenants that have fewer running: so that nobody waits for the end of another tenant's
        /// jobs, however many those are.
        ///
        /// Default: a quarter of `slots`, and at least one.
        public var spareSlots: Int

        public init(_ queue: JobQueue, slots: Int, tenantLimit: Int? = nil, spareSlots: Int? = nil) {
            self.queue = queue
            self.slots = slots
            self.tenantLimit = tenantLimit
            self.spareSlots = spareSlots ?? max(1, slots / 4)
        }
    }

    /// Workers that are lost with one job until it is given up.
    static let maximumCrashes = 3

    public var queues: [Queue]
    /// How long a job stays with a worker of which nothing is heard.
    public var lease: Duration
    /// How often leases are renewed; one renewal may fail before trust ends.
    ///
    /// 10 s where a lease lasts 30.
    public var heartbeat: Duration
    /// How long after its last renewal a job goes on here: it is stopped before anybody else may have it.
    ///
    /// 22 s of 30.
    public var trust: Duration
    /// How often jobs are taken from lost workers.
    ///
    /// 5 s of 30.
    public var rescue: Duration
    /// How late a job may be found of which nobody told.
    public var poll = Duration.seconds(1)
    /// How long running jobs may go on when the process is told to end.
    public var drainTimeout = Duration.seconds(20)
    /// How long a handler that was told to stop is waited for; the job is then settled without it.
    public var patience = Duration.seconds(10)
    /// How long it is kept that a job finished, and for how long a dead one, or a tick.
    public var finishedRetention = Duration.seconds(3 * 86_400)
    public var deadRetention = Duration.seconds(30 * 86_400)
    public var tickRetention = Duration.seconds(30 * 86_400)

    /// - Parameter lease: what the other times of leases are in proportion to.
    public init(queues: [Queue], lease: Duration = .seconds(30)) {
        self.queues = queues
        self.lease = lease
        heartbeat = lease / 3
        trust = lease * 22 / 30
        rescue = lease / 6
    }
}
