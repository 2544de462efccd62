public import Postgres
public import Primitives
public import Tenancy

/// Looks at jobs, and brings dead ones back.
public struct JobInspection: Sendable {
    public init() {}

    /// All tenants' dead jobs, the latest to die first.
    /// - Parameter worker: the worker's, which sees all tenants.
    public func dead(_ limit: Int, from worker: PostgresPool) async throws -> [DeadJob] {
        try await worker.query(SelectLatestDead(limit: limit))
    }

    /// Whose the dead ones among the jobs are.
    /// - Parameter worker: the worker's, which sees all tenants.
    public func owners(of ids: [JobID], in worker: PostgresPool) async throws -> [JobID: TenantID] {
        let rows = try await worker.query(SelectOwnersOfDead(ids: ids))
        return Dictionary(rows) { first, _ in first }
    }

    /// Enqueues a dead job again, with all its attempts.
    /// - Returns: the queue that it waits in; nil where no such job is dead, or where another of its unique key is live.
    @discardableResult
    public func retry(_ id: JobID, in transaction: TenantTransaction) async throws -> JobQueue? {
        let queue = try await transaction.queryFirst(RetryDeadJob(tenantID: transaction.tenantID, id: id))
        if let queue { transaction.wakeAfterCommit(queue.wakeUpTopic) }
        return queue
    }
}
