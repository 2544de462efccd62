internal import FoundationEssentials
internal import Postgres
internal import Primitives

/// How a job that is over ended well.
enum FinishedOutcome: String, PostgresText {
    case completed, discarded
}

/// Ends jobs: they leave the table of live jobs, in the one statement that says so.
///
/// Those whose claim is not valid any more are not among the rows. Run as the worker, and under a job's tenant in the
/// transaction of its effect.
struct FinishJobs: Statement {
    static let sql = """
        WITH done AS (
            DELETE FROM jobs.job
            USING unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[]) AS given (tenant_id, id, claim_id, outcome)
            WHERE job.tenant_id = given.tenant_id AND job.id = given.id AND job.claim_id = given.claim_id
                AND job.state = 'running'
            RETURNING job.tenant_id, job.id, queue, kind, given.outcome, attempt, crashes, created_at, job.claim_id
        ), kept AS (
            INSERT INTO jobs.finished (tenant_id, id, queue, kind, outcome, attempt, crashes, created_at)
            SELECT tenant_id, id, queue, kind, outcome, attempt, crashes, created_at FROM done
        )
        SELECT claim_id FROM done
        """
    let claims: [JobClaim]
    let outcomes: [FinishedOutcome]

    init(_ claims: [JobClaim], as outcomes: [FinishedOutcome]) {
        self.claims = claims
        self.outcomes = outcomes
    }

    init(_ claims: [JobClaim], as outcome: FinishedOutcome) {
        self.init(claims, as: claims.map { _ in outcome })
    }

    var bindings: Bindings { [claims.map(\.tenantID), claims.map(\.jobID), claims.map(\.id), outcomes] }

    static func decode(_ row: inout RowReader) throws -> UUID {
        try row.read(UUID.self)
    }
}

/// Puts a job back, for now or for later; 0 rows where the claim is not valid any more.
///
/// The row is locked first as if it were deleted: an update alone would not wait for a transaction that holds the claim, which
/// a handler may have open that goes on although it was told to stop.
struct ReturnJob: Command {
    static let sql = """
        WITH held AS MATERIALIZED (
            SELECT tenant_id, id FROM jobs.job
            WHERE tenant_id = $1 AND id = $2 AND claim_id = $3 AND state = 'running' FOR UPDATE
        )
        UPDATE jobs.job
        SET state = CASE WHEN $6::float8 > 0 THEN 'scheduled' ELSE 'available' END,
            claim_id = NULL, claimed_by = NULL, lease_until = NULL, attempt = attempt - $4, failure = coalesce($5, failure),
            run_at = coalesce(statement_timestamp() + $6::float8 * interval '1 second', run_at)
        FROM held WHERE job.tenant_id = held.tenant_id AND job.id = held.id AND claim_id = $3
        """

    /// Such a handler keeps none of the few connections for long.
    static let settings = [SessionSetting(name: "lock_timeout", value: "1s")]

    let claim: JobClaim
    let spendsAttempt: Bool
    /// Why; nil leaves what was said last.
    let failure: String?
    /// nil: at once, in its old place.
    let delay: Duration?

    var bindings: Bindings {
        [claim.tenantID, claim.jobID, claim.id, Int32(spendsAttempt ? 0 : 1), failure, delay?.seconds]
    }
}

/// Gives a job up; 0 rows where the claim is not valid any more.
struct BuryJob: Command {
    static let sql = """
        WITH given_up AS (
            DELETE FROM jobs.job
            WHERE tenant_id = $1 AND id = $2 AND claim_id = $3 AND state = 'running'
            RETURNING \(DeadJob.columns)
        )
        INSERT INTO jobs.dead (\(DeadJob.columns), failure)
        SELECT \(DeadJob.columns), $4::text FROM given_up
        """

    static let settings = ReturnJob.settings

    let claim: JobClaim
    let failure: String

    var bindings: Bindings { [claim.tenantID, claim.jobID, claim.id, failure] }
}
