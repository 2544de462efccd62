public import Primitives
internal import Synchronization
public import Tenancy

/// What a handler knows of the job it has, and how it ends it together with its effect.
///
/// The handler's task is cancelled when the job is taken from it (its lease ran out), when it takes longer than its kind may,
/// and when the process ends. What it throws then is not its failure; what it has committed through `complete` counts.
public final class JobContext: Sendable {
    public let tenantID: TenantID
    public let jobID: JobID
    /// From 1.
    public let attempt: Int
    /// Workers that were lost with the job before.
    public let crashes: Int
    /// As the application: what the handler does is done under the job's tenant.
    public let database: TenantDatabase
    private let claim: JobClaim
    private let isCommitted = Atomic(false)

    init(_ job: ClaimedJob, database: TenantDatabase) {
        claim = job.claim
        tenantID = job.tenantID
        jobID = job.id
        attempt = job.attempt
        crashes = job.crashes
        self.database = database
    }

    /// Whether the job is given up with the next worker that is lost, when no handler would be left to say what follows.
    public var isLastCrash: Bool { crashes + 1 >= JobWorkerConfiguration.maximumCrashes }

    /// Runs a part of the work in a transaction of the job's tenant that commits only while the job is this worker's.
    ///
    /// Nobody else gets the job before the transaction has ended, so of two workers that were given one job, one after the
    /// other, the first writes nothing once the second has it.
    ///
    /// - Throws: `job_lease_lost`, with nothing committed, where the job is another worker's by now; what `body` throws.
    public func transaction<Result: Sendable>(
        _ body: (TenantTransaction) async throws -> Result
    ) async throws -> Result {
        try await database.transaction(in: tenantID, by: .system) { transaction in
            guard try await transaction.queryFirst(LockClaim(claim: claim)) != nil else { throw Fault.jobLeaseLost() }
            return try await body(transaction)
        }
    }

    /// Runs the effect and completes the job in one transaction of its tenant: both are committed, or neither, so the
    /// effect is applied once whatever crashes when.
    ///
    /// The job is over then; the handler returns `.completed`.
    ///
    /// - Throws: `job_lease_lost`, with nothing committed, where the job is another worker's by now; what `effect` throws.
    public func complete<Result: Sendable>(
        _ effect: (TenantTransaction) async throws -> Result
    ) async throws -> Result {
        let result = try await database.transaction(in: tenantID, by: .system) { transaction in
            let result = try await effect(transaction)
            // Last, so that the job's row is locked no longer than the commit takes.
            let finished = try await transaction.query(FinishJobs([claim], as: .completed))
            guard !finished.isEmpty else { throw Fault.jobLeaseLost() }
            return result
        }
        isCommitted.store(true, ordering: .releasing)
        return result
    }

    /// Whether the job was completed with its effect.
    var isCompleted: Bool { isCommitted.load(ordering: .acquiring) }
}
