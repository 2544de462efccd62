public import Primitives

/// What a worker did; the server decides what is logged and counted of it.
public enum JobObservation: Sendable {
    case completed(ClaimedJob, duration: Duration)
    case discarded(ClaimedJob, because: String)
    case snoozed(ClaimedJob, Duration)
    /// Will be tried again after a while.
    case failed(ClaimedJob, because: String, again: Duration)
    /// Given up.
    case died(ClaimedJob, because: String)
    /// Given back as it was, because the process ends, or heard nothing of its lease for too long.
    case returned(ClaimedJob)
    /// Taken away meanwhile; what its handler did outside of `JobContext.complete` may be done again.
    case leaseLost(ClaimedJob)
    /// Taken from a worker that was lost.
    case rescued(RescuedJob)
    /// What is due and waits in a queue, by kind.
    case waiting(JobQueue, [WaitingJobs])
    /// The database did not do what the worker asked of it.
    case unreachable(any Error)
}

/// A job whose worker was lost.
public struct RescuedJob: Sendable, Hashable {
    public let tenantID: TenantID
    public let id: JobID
    public let queue: JobQueue
    public let kind: String
    /// Given up: too many workers were lost with it.
    public let isDead: Bool
}

/// Due jobs of one kind.
public struct WaitingJobs: Sendable, Hashable {
    public let kind: String
    /// At least so many: no more than 1,000 are counted of a tenant's at one priority.
    public let count: Int
    /// Since when the first of them is due.
    public let oldest: Duration
    /// No handler of this process knows the kind.
    public let isUnknown: Bool
}
