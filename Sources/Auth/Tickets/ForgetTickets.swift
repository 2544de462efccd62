public import Jobs
internal import Primitives
public import Postgres

/// Deletes the tickets whose passes have been over for a week, of all tenants.
///
/// Until then a page that was left open with one is told that it has expired; afterwards it cannot be told from a guess.
public struct ForgetTickets: Chore {
    public static let kind = "auth.forget_tickets"
    private static let batch = 1000
    private static let memory = Duration.seconds(7 * 86_400)

    public init() {}

    /// - Parameter worker: the worker's pool, which sees the tickets of all tenants.
    public static func register(in handlers: inout JobHandlers, worker: PostgresPool) {
        handlers.register(Self.self) { _, _ in
            try await forget(worker)
            return .completed
        }
    }

    static func forget(_ worker: PostgresPool) async throws {
        let age = StoredTicket.lifetime + StoredTicket.passLifetime + memory
        let deletion = DeleteOldTickets(age: age, limit: batch)
        while try await worker.execute(deletion) == batch {}
    }
}
