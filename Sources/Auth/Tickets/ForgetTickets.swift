public import Jobs
internal import Primitives
public import Postgres

/// Deletes the tickets whose passes are over, of all tenants.
public struct ForgetTickets: Chore {
    public static let kind = "auth.forget_tickets"
    private static let batch = 1000

    public init() {}

    /// - Parameter worker: the worker's pool, which sees the tickets of all tenants.
    public static func register(in handlers: inout JobHandlers, worker: PostgresPool) {
        handlers.register(Self.self) { _, _ in
            try await forget(worker)
            return .completed
        }
    }

    static func forget(_ worker: PostgresPool) async throws {
        let deletion = DeleteOldTickets(age: StoredTicket.lifetime + StoredTicket.passLifetime, limit: batch)
        while try await worker.execute(deletion) == batch {}
    }
}
