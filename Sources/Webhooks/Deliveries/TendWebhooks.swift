public import Jobs
public import Postgres
internal import Primitives

/// Forgets what is old, and has a new signing key take over when it is time.
public struct TendWebhooks: Chore {
    public static let kind = "webhooks.tend"
    /// How long deliveries, their attempts and what was sent are kept.
    private static let retention = Duration.seconds(90 * 86_400)
    /// Rows a transaction, which so stays short.
    private static let batchSize = 1000

    public init() {}

    /// - Parameter worker: the worker's pool, which sees all tenants.
    public static func register(in handlers: inout JobHandlers, keys: SigningKeys, worker: PostgresPool) {
        handlers.register(Self.self) { _, _ in
            try await keys.rotateIfDue()
            try await forgetOld(worker)
            return .completed
        }
    }

    /// Deliveries before their messages: none is left without what it sent.
    static func forgetOld(_ worker: PostgresPool) async throws {
        let age = Double(retention.components.seconds)
        while try await worker.execute(DeleteOldDeliveries(age: age, limit: batchSize)) > 0 {}
        while try await worker.execute(DeleteOldMessages(age: age, limit: batchSize)) > 0 {}
        while try await worker.execute(DeleteOldReplays(age: age, limit: batchSize)) > 0 {}
    }
}
