internal import FoundationEssentials
internal import Postgres
internal import Primitives

/// Renews leases, and tells which claims are still valid.
///
/// A row that `LockClaim` holds is renewed as well, or work whose transactions follow each other closely would lose its
/// lease. One that is locked otherwise is being ended by its own worker, or looked at by a rescue: waiting for it would let
/// all other leases run out. It is said to be there, and not renewed.
struct RenewLeases: Statement {
    static let sql = """
        WITH held AS (
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS given (tenant_id, id, claim_id)
        ), renewed AS (
            UPDATE jobs.job SET lease_until = statement_timestamp() + $4::float8 * interval '1 second'
            WHERE ctid = ANY (ARRAY(
                SELECT job.ctid FROM jobs.job JOIN held USING (tenant_id, id, claim_id)
                WHERE state = 'running' FOR NO KEY UPDATE OF job SKIP LOCKED
            ))
            RETURNING claim_id
        )
        SELECT job.claim_id, job.claim_id IN (SELECT claim_id FROM renewed)
        FROM jobs.job JOIN held USING (tenant_id, id, claim_id) WHERE state = 'running'
        """
    let claims: [JobClaim]
    let lease: Duration

    var bindings: Bindings { [claims.map(\.tenantID), claims.map(\.jobID), claims.map(\.id), lease.seconds] }

    static func decode(_ row: inout RowReader) throws -> (claimID: UUID, isRenewed: Bool) {
        (try row.read(), try row.read())
    }
}

/// Holds a claim to the end of the transaction; no row where it is not valid any more.
///
/// The row's key is locked, so a rescue skips it, and nobody can end the job; only its lease can be renewed.
struct LockClaim: Statement {
    static let sql = """
        SELECT id FROM jobs.job
        WHERE tenant_id = $1 AND id = $2 AND claim_id = $3 AND state = 'running'
        FOR KEY SHARE
        """
    let claim: JobClaim

    var bindings: Bindings { [claim.tenantID, claim.jobID, claim.id] }

    static func decode(_ row: inout RowReader) throws -> JobID {
        try row.read(JobID.self)
    }
}

/// Takes jobs from workers whose lease ran out: available again, or dead after too many lost workers.
///
/// The lease is looked at again once the row is locked, in the one statement that changes it: what was renewed or ended
/// meanwhile is left alone, and what is being ended is skipped. A lost worker spends no attempt; it is counted apart.
struct RescueJobs: Statement {
    static let sql = """
        WITH lost AS MATERIALIZED (
            SELECT tenant_id, id, crashes + 1 >= $1::int8 AS is_poison FROM jobs.job
            WHERE state = 'running' AND lease_until < statement_timestamp()
            LIMIT $2 FOR UPDATE SKIP LOCKED
        ), poisoned AS (
            DELETE FROM jobs.job USING lost
            WHERE is_poison AND job.tenant_id = lost.tenant_id AND job.id = lost.id
            RETURNING job.tenant_id, job.id, queue, kind, payload, priority, attempt, maximum_attempts, crashes + 1,
                unique_key, created_at
        ), buried AS (
            INSERT INTO jobs.dead (\(DeadJob.columns), failure) SELECT *, 'worker lost' FROM poisoned
        ), rescued AS (
            UPDATE jobs.job
            SET state = 'available', claim_id = NULL, claimed_by = NULL, lease_until = NULL,
                attempt = attempt - 1, crashes = crashes + 1
            FROM lost
            WHERE NOT is_poison AND job.tenant_id = lost.tenant_id AND job.id = lost.id
                AND state = 'running' AND lease_until < statement_timestamp()
            RETURNING job.tenant_id, job.id, queue, kind
        )
        SELECT tenant_id, id, queue, kind, true FROM poisoned
        UNION ALL
        SELECT tenant_id, id, queue, kind, false FROM rescued
        """
    /// Workers that may be lost with one job before it is given up.
    let maximumCrashes: Int
    let limit: Int

    var bindings: Bindings { [maximumCrashes, limit] }

    static func decode(_ row: inout RowReader) throws -> RescuedJob {
        RescuedJob(
            tenantID: try row.read(),
            id: try row.read(),
            queue: try row.read(JobQueue.self),
            kind: try row.read(),
            isDead: try row.read()
        )
    }
}
