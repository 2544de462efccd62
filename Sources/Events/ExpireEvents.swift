public import Jobs
public import Postgres
internal import Primitives

/// Deletes what nobody can go on from any more: the lowest positions of the log, with their events.
public struct ExpireEvents: Chore {
    public static let kind = "events.expire_events"
    /// Rows a transaction, which so takes some tens of milliseconds.
    private static let batch = 1000

    public init() {}

    /// - Parameters:
    ///   - age: of the youngest that go, since they got their positions.
    ///   - worker: the worker's pool, which sees the events of all tenants.
    public static func register(in handlers: inout JobHandlers, olderThan age: Duration, worker: PostgresPool) {
        handlers.register(Self.self) { _, _ in
            try await expire(olderThan: age, worker)
            return .completed
        }
    }

    static func expire(olderThan age: Duration, batch: Int = batch, _ worker: PostgresPool) async throws {
        var position = 0
        // From where the last batch ended: what is deleted lies in the index until it is vacuumed.
        while let last = try await worker.queryFirst(TrimLog(after: position, age: age, limit: batch)) {
            position = last
        }
    }
}
