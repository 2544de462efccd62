public import Postgres

/// Where a job stands.
public enum JobState: String, PostgresText, CaseIterable {
    /// Waits for its time.
    case scheduled
    /// Waits for a worker.
    case available
    case running
    /// Given up; can be retried.
    case dead
}

/// How many jobs of a tenant, of one kind and in one queue, stand there.
public struct JobCount: Hashable, Sendable {
    public let queue: JobQueue
    public let kind: String
    public let state: JobState
    public let count: Int
}
