public import Postgres
public import Primitives
public import Tenancy

/// Looks at jobs, and brings dead ones back.
public struct JobInspection: Sendable {
    /// Live jobs, and dead ones, that are counted: beyond that, counting would cost more than the number is worth.
    public static let countLimit = 10_000

    public init() {}

    /// How many there are, by queue, kind and state; of the first `countLimit` live and the last `countLimit` dead.
    public func counts(in transaction: TenantTransaction) async throws -> [JobCount] {
        let (live, dead) = try await transaction.batch(
            CountJobs(tenantID: transaction.tenantID, limit: Self.countLimit),
            CountDeadJobs(tenantID: transaction.tenantID, limit: Self.countLimit)
        )
        return live + dead
    }

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

    /// A tenant's dead jobs, the latest to die first.
    public func dead(_ page: PageRequest, in transaction: TenantTransaction) async throws -> Page<DeadJob> {
        let rows = try await transaction.query(SelectDeadJobs(tenantID: transaction.tenantID, page: page))
        return Page(rows: rows, request: page) { PageCursor(createdAt: $0.diedAt, id: $0.id.uuid) }
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
