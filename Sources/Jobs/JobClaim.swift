internal import FoundationEssentials
public import Primitives

/// Names one worker's hold on one job: what it writes of the job is written only while it has it.
struct JobClaim: Hashable, Sendable {
    let tenantID: TenantID
    let jobID: JobID
    let id: UUID
}

/// A job that this process has, from its claim to its end.
public struct ClaimedJob: Sendable {
    let claim: JobClaim
    public let queue: JobQueue
    public let kind: String
    /// This one included, from 1.
    public let attempt: Int
    public let maximumAttempts: Int
    /// Workers that were lost with it before.
    public let crashes: Int
    /// From when it was due to when it was claimed, by the database's clock.
    public let waited: Duration
    let payload: JSONText

    public var tenantID: TenantID { claim.tenantID }
    public var id: JobID { claim.jobID }
}
