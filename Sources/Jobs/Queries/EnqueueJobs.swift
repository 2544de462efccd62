public import Postgres
public import Primitives

/// Writes jobs of a tenant, without those whose unique key is taken.
///
/// Where the key is another open transaction's, this waits for its end: if that one is rolled back, the job is written
/// here.
public struct EnqueueJobs: Statement {
    public static let sql = """
        INSERT INTO jobs.job
            (tenant_id, id, queue, kind, payload, state, priority, run_at, maximum_attempts, unique_key)
        SELECT $1, id, queue, kind, payload, CASE WHEN delay > 0 THEN 'scheduled' ELSE 'available' END, priority,
            now() + delay * interval '1 second', maximum_attempts, nullif(unique_key, '')
        FROM unnest(
            $2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::int8[], $7::float8[], $8::int8[], $9::text[]
        ) AS given (id, queue, kind, payload, priority, delay, maximum_attempts, unique_key)
        ON CONFLICT (tenant_id, kind, unique_key) WHERE unique_key IS NOT NULL DO NOTHING
        RETURNING id
        """
    let tenantID: TenantID
    let jobs: [NewJob]

    /// Wakes nobody, unlike `TenantTransaction.enqueueing`.
    public init(tenantID: TenantID, jobs: [NewJob]) {
        self.tenantID = tenantID
        self.jobs = jobs
    }

    public var bindings: Bindings {
        [
            tenantID, jobs.map(\.id), jobs.map(\.queue), jobs.map(\.kind), jobs.map(\.payload),
            jobs.map(\.priority.rawValue), jobs.map { max($0.delay.seconds, 0) }, jobs.map(\.maximumAttempts),
            jobs.map(\.uniqueKey),
        ]
    }

    public static func decode(_ row: inout RowReader) throws -> JobID {
        try row.read(JobID.self)
    }
}

/// Writes jobs of many tenants, due at once, as the worker; those with a unique key have no place here.
///
/// May go into a caller's batch.
public struct EnqueueJobsOfTenants: Command {
    public static let sql = """
        INSERT INTO jobs.job (tenant_id, id, queue, kind, payload, priority, run_at, maximum_attempts)
        SELECT tenant_id, id, queue, kind, payload, priority, now(), maximum_attempts
        FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::jsonb[], $6::int8[], $7::int8[])
            AS given (tenant_id, id, queue, kind, payload, priority, maximum_attempts)
        """
    let tenantIDs: [TenantID]
    let jobs: [NewJob]

    /// - Parameter tenantIDs: whose the jobs are, one for each.
    public init(_ jobs: [NewJob], of tenantIDs: [TenantID]) {
        precondition(jobs.count == tenantIDs.count, "each job is a tenant's")
        precondition(jobs.allSatisfy { $0.uniqueKey.isEmpty && $0.delay == .zero }, "due at once, and without a key")
        self.jobs = jobs
        self.tenantIDs = tenantIDs
    }

    public var bindings: Bindings {
        [
            tenantIDs, jobs.map(\.id), jobs.map(\.queue), jobs.map(\.kind), jobs.map(\.payload),
            jobs.map(\.priority.rawValue), jobs.map(\.maximumAttempts),
        ]
    }
}
