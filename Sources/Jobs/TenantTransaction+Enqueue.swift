public import Primitives
public import Tenancy

extension TenantTransaction {
    /// Enqueues a job of the transaction's tenant: there is one if the transaction commits, and none if it does not.
    ///
    /// Workers are told when it has committed; one that does not hear of it finds it within a poll (1 s).
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
        return try await query(enqueueing(jobs))
    }

    /// The statement that enqueues them, to go into a batch.
    public func enqueueing(_ jobs: [NewJob]) -> EnqueueJobs {
        for job in jobs where job.delay == .zero { wakeAfterCommit(job.queue.wakeUpTopic) }
        return EnqueueJobs(tenantID: tenantID, jobs: jobs)
    }
}
