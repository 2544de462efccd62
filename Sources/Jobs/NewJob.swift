public import Primitives

/// A job of whatever kind, ready to be enqueued; jobs of several kinds go into one statement.
public struct NewJob: Sendable {
    public let id = JobID.next()
    let kind: String
    /// For `JobNotifier.notify`.
    public let queue: JobQueue
    let payload: JSONText
    let priority: JobPriority
    let delay: Duration
    let maximumAttempts: Int
    /// Empty for none: arrays of Postgres' are bound without NULLs.
    let uniqueKey: String

    public init<J: Job>(_ job: J, _ options: JobOptions = JobOptions()) {
        precondition(options.uniqueKey != "", "a unique key is not empty")
        kind = J.kind
        queue = options.queue ?? J.queue
        payload = JSONText(.object(job.payload))
        priority = options.priority
        delay = options.delay
        maximumAttempts = options.maximumAttempts ?? J.maximumAttempts
        uniqueKey = options.uniqueKey ?? ""
    }
}
