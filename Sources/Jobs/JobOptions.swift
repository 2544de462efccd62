/// How one job is enqueued.
public struct JobOptions: Sendable {
    /// nil: the kind's.
    public var queue: JobQueue?
    public var priority: JobPriority
    /// Not before so long after the transaction began.
    public var delay: Duration
    /// nil: the kind's.
    public var maximumAttempts: Int?
    /// Of the jobs of one tenant, kind and key one waits or runs at a time: another is not enqueued.
    ///
    /// What is asked for while one runs is not done again, so a key suits work that reads its input at its end, or is
    /// asked for again.
    public var uniqueKey: String?

    public init(
        queue: JobQueue? = nil,
        priority: JobPriority = .normal,
        delay: Duration = .zero,
        maximumAttempts: Int? = nil,
        uniqueKey: String? = nil
    ) {
        self.queue = queue
        self.priority = priority
        self.delay = delay
        self.maximumAttempts = maximumAttempts
        self.uniqueKey = uniqueKey
    }
}
