internal import Postgres
internal import Primitives

/// The dead jobs of all tenants, newest first.
struct SelectLatestDead: Statement {
    static let sql = "SELECT \(DeadJob.columns), failure, died_at FROM jobs.dead ORDER BY died_at DESC LIMIT $1"
    let limit: Int

    var bindings: Bindings { [limit] }

    static func decode(_ row: inout RowReader) throws -> DeadJob { try DeadJob(from: &row) }
}

/// The tenants of those that are dead.
struct SelectOwnersOfDead: Statement {
    static let sql = "SELECT id, tenant_id FROM jobs.dead WHERE id = ANY ($1)"
    let ids: [JobID]

    var bindings: Bindings { [ids] }

    static func decode(_ row: inout RowReader) throws -> (JobID, TenantID) { (try row.read(), try row.read()) }
}

/// Brings a dead job back with all its attempts; no row where there is none, or where its unique key is taken.
///
/// Of two that retry the same one the second finds it gone.
struct RetryDeadJob: Statement {
    static let sql = """
        WITH buried AS (
            SELECT * FROM jobs.dead WHERE tenant_id = $1 AND id = $2 FOR UPDATE
        ), revived AS (
            INSERT INTO jobs.job
                (tenant_id, id, queue, kind, payload, priority, run_at, maximum_attempts, unique_key, failure, created_at)
            SELECT tenant_id, id, queue, kind, payload, priority, now(), maximum_attempts, unique_key, failure, created_at
            FROM buried
            ON CONFLICT DO NOTHING
            RETURNING id, queue
        ), risen AS (
            DELETE FROM jobs.dead WHERE tenant_id = $1 AND id IN (SELECT id FROM revived)
        )
        SELECT queue FROM revived
        """
    let tenantID: TenantID
    let id: JobID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> JobQueue { try row.read(JobQueue.self) }
}

/// What waits in a queue, of all tenants, by kind: lane by lane, and no more than 1,000 of each lane, so that it costs the
/// same at any backlog.
struct SelectWaitingJobs: Statement {
    static let sql = """
        WITH RECURSIVE \(Lanes.first)
        SELECT kind, sum(due.count)::int8,
            greatest(extract(epoch FROM statement_timestamp() - min(run_at)), 0)::float8
        FROM lane CROSS JOIN LATERAL (
            SELECT count(*) FROM (
                SELECT FROM jobs.job
                WHERE queue = $1 AND state = 'available' AND tenant_id = lane.tenant_id AND priority = lane.priority
                    AND kind = lane.kind AND run_at <= statement_timestamp()
                LIMIT 1000
            ) AS counted
        ) AS due
        GROUP BY kind ORDER BY kind
        """
    let queue: JobQueue

    var bindings: Bindings { [queue] }

    static func decode(_ row: inout RowReader) throws -> (kind: String, count: Int, oldest: Duration) {
        (try row.read(), try row.read(), .seconds(try row.read(Double.self)))
    }
}
