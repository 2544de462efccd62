internal import Postgres
internal import Primitives

/// Takes due jobs of a queue, fairly over its tenants: as many of each as the slots divide to, those first that have the
/// fewest running and then those that come after the tenant served last.
///
/// A recursion steps over the lanes (tenant, priority, kind), reading the first entry of each; of each tenant the lane with
/// its most urgent and then oldest job is taken from. So a claim reads what there are lanes and slots, and never the
/// backlog: 2.5 ms for 100 of 1,000,000 jobs of 50 tenants (Postgres 18). Another lane of the tenant's, and slots that are
/// left over, are the next claim's.
///
/// The rows are updated by their places, which are locked: by their keys, a plan that was made while the table was small
/// would read all of it.
struct ClaimJobs: Statement {
    static let sql = """
        WITH RECURSIVE \(Lanes.first), head AS (
            SELECT DISTINCT ON (tenant_id) tenant_id, priority, kind FROM lane
            WHERE run_at <= statement_timestamp() AND kind = ANY ($2::text[])
            ORDER BY tenant_id, priority, run_at
        ), share AS (
            SELECT head.tenant_id, priority, kind, running, count(*) OVER () AS tenants,
                row_number() OVER (ORDER BY running, head.tenant_id <= $5, head.tenant_id) AS turn
            FROM head CROSS JOIN LATERAL (
                SELECT count(*) FROM jobs.job
                WHERE queue = $1 AND tenant_id = head.tenant_id AND state = 'running'
            ) AS claimed (running)
            WHERE running < $4::int8
        )
        UPDATE jobs.job
        SET state = 'running', attempt = attempt + 1, claim_id = gen_random_uuid(), claimed_by = $6,
            lease_until = statement_timestamp() + $7::float8 * interval '1 second'
        WHERE ctid = ANY (ARRAY(
            SELECT due.ctid FROM share CROSS JOIN LATERAL (
                SELECT ctid FROM jobs.job
                WHERE queue = $1 AND state = 'available' AND tenant_id = share.tenant_id
                    AND priority = share.priority AND kind = share.kind AND run_at <= statement_timestamp()
                ORDER BY run_at, id
                LIMIT least($4::int8 - running, $3::int8 / tenants + (turn <= $3::int8 % tenants)::int)
                FOR UPDATE SKIP LOCKED
            ) AS due
        ))
        RETURNING tenant_id, id, claim_id, queue, kind, attempt, maximum_attempts, crashes,
            extract(epoch FROM statement_timestamp() - run_at)::float8, payload
        """

    /// A plan is made once and kept, perhaps while the table is empty, or by what was counted when it had one row.
    ///
    /// Without these it would then read all of a backlog (3 s of 1,000,000). What has to be sorted still is; what can come
    /// sorted from an index does.
    static let planning = [
        SessionSetting(name: "plan_cache_mode", value: "force_generic_plan"),
        SessionSetting(name: "enable_seqscan", value: "off"),
        SessionSetting(name: "enable_bitmapscan", value: "off"),
        SessionSetting(name: "enable_sort", value: "off"),
        SessionSetting(name: "jit", value: "off"),
    ]

    /// A claim does not wait for the disk.
    ///
    /// Whatever is committed later reaches the disk after it, and so does all that comes of the job. Where Postgres crashes
    /// within the second and loses the claim alone, the job is available again, and whoever thinks to have it can write
    /// nothing of it.
    static let settings = planning + [SessionSetting(name: "synchronous_commit", value: "off")]

    let queue: JobQueue
    let kinds: [String]
    let slots: Int
    /// How many of one tenant's may run at a time, in all processes.
    let tenantLimit: Int
    /// Whose turn was last.
    let after: TenantID
    let worker: String
    let lease: Duration

    var bindings: Bindings { [queue, kinds, slots, tenantLimit, after, worker, lease.seconds] }

    static func decode(_ row: inout RowReader) throws -> ClaimedJob {
        ClaimedJob(
            claim: JobClaim(tenantID: try row.read(), jobID: try row.read(), id: try row.read()),
            queue: try row.read(JobQueue.self),
            kind: try row.read(),
            attempt: try row.read(),
            maximumAttempts: try row.read(),
            crashes: try row.read(),
            waited: .seconds(try row.read(Double.self)),
            payload: try row.read()
        )
    }
}

/// Puts jobs whose time has come into their lanes, those first that are due the longest.
///
/// What is for later is in no lane: a claim looks at each, and would look at one for every tenant that has a retry due in
/// hours.
struct ReleaseDueJobs: Statement {
    static let sql = """
        WITH released AS (
            UPDATE jobs.job SET state = 'available'
            WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM jobs.job WHERE state = 'scheduled' AND run_at <= statement_timestamp()
                ORDER BY run_at LIMIT $1 FOR UPDATE SKIP LOCKED
            ))
            RETURNING queue
        )
        SELECT queue, count(*) FROM released GROUP BY queue
        """

    static let settings = ClaimJobs.planning

    let limit: Int

    var bindings: Bindings { [limit] }

    static func decode(_ row: inout RowReader) throws -> (queue: JobQueue, count: Int) {
        (try row.read(JobQueue.self), try row.read())
    }
}

/// One claim at a time of a queue whose tenants have a limit: two that count at once would both find room.
///
/// A statement of its own, before the claim in the same transaction: what counts must begin after the lock was had.
struct LockQueue: Command {
    static let sql = "SELECT pg_advisory_xact_lock(hashtextextended('jobs.queue ' || $1::text, 0))"
    let queue: JobQueue

    var bindings: Bindings { [queue] }
}
