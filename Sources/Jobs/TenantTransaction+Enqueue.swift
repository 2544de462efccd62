public import Primitives
public import Tenancy

extension TenantTransaction {
    /// Enqueues a job of the transaction's tenant: there is one if the transaction commits, and none if it does not.
    ///
    /// It is found within a poll (1 s); `JobNotifier.notify` after the commit makes that at once.
    /// - Returns: nil where one of the same kind and unique key waits or runs.
    @discardableResult
    public func enqueue<J: Job>(_ job: J, _ options: JobOptions = JobOptions()) async throws -> JobID? {
        try await enqueue([NewJob(job, options)]).first
    }

    /// Enqueues any number of jobs in one statement.
    /// - Returns: those that are new, in no order; without those whose unique key was taken.
    @discardableResult
    public func enqueue(_ jobs: [NewJob]) async throws -> [JobID] {
        guard !jobs.isEmpty else { return [] }
        return try await query(EnqueueJobs(tenantID: tenantID, jobs: jobs))
    }
}
