internal import Postgres
public import Primitives

/// A job that was given up, as it was.
public struct DeadJob: Sendable {
    public let tenantID: TenantID
    public let id: JobID
    public let queue: JobQueue
    public let kind: String
    public let payload: JSONText
    public let attempt: Int
    public let maximumAttempts: Int
    public let crashes: Int
    public let uniqueKey: String?
    public let createdAt: Timestamp
    /// What the last attempt failed with; a plain description, which says nothing private.
    public let failure: String?
    public let diedAt: Timestamp

    /// What a job takes along when it is given up.
    static let columns = """
        tenant_id, id, queue, kind, payload, priority, attempt, maximum_attempts, crashes, unique_key, created_at
        """

    /// From `columns`, `failure` and `died_at`.
    init(from row: inout RowReader) throws {
        tenantID = try row.read()
        id = try row.read()
        queue = try row.read(JobQueue.self)
        kind = try row.read()
        payload = try row.read()
        _ = try row.read(Int.self)
        attempt = try row.read()
        maximumAttempts = try row.read()
        crashes = try row.read()
        uniqueKey = try row.read(String?.self)
        createdAt = try row.read()
        failure = try row.read(String?.self)
        diedAt = try row.read()
    }
}
