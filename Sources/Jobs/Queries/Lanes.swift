/// A lane is what one tenant has of one kind at one priority in a queue: all its available jobs, by when they were due.
enum Lanes {
    /// `lane`, for a `WITH RECURSIVE` whose `$1` is the queue: each lane with its first entry.
    ///
    /// A loose scan of the index `job_lane` steps from one to the next, so it costs what there are lanes, however long
    /// they are.
    static let first = """
        lane AS (
            (
                SELECT tenant_id, priority, kind, run_at FROM jobs.job
                WHERE queue = $1 AND state = 'available'
                ORDER BY tenant_id, priority, kind, run_at LIMIT 1
            )
            UNION ALL
            SELECT next.tenant_id, next.priority, next.kind, next.run_at
            FROM lane CROSS JOIN LATERAL (
                SELECT tenant_id, priority, kind, run_at FROM jobs.job
                WHERE queue = $1 AND state = 'available'
                    AND (tenant_id, priority, kind) > (lane.tenant_id, lane.priority, lane.kind)
                ORDER BY tenant_id, priority, kind, run_at LIMIT 1
            ) AS next
        )
        """
}
