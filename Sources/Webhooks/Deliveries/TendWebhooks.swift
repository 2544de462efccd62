public import Jobs
public import Postgres
internal import Primitives
internal import Tenancy

/// Forgets what is old, has a new signing key take over when it is time, and brings back replays and probes that were given up.
public struct TendWebhooks: Chore {
    public static let kind = "webhooks.tend"
    /// How long deliveries, their attempts and what was sent are kept.
    private static let retention = Duration.seconds(90 * 86_400)
    /// Rows a transaction, which so stays short.
    private static let batchSize = 1000

    public init() {}

    /// - Parameter worker: the worker's pool, which sees all tenants.
    public static func register(in handlers: inout JobHandlers, keys: SigningKeys, worker: PostgresPool) {
        handlers.register(Self.self) { _, context in
            try await keys.rotateIfDue()
            try await resume(worker, context.database)
            try await forgetOld(worker)
            return .completed
        }
    }

    /// Of a replay and of a probe each job enqueues the next: where one was given up, nobody would.
    ///
    /// A job that is still there keeps its key, and no other is enqueued.
    static func resume(_ worker: PostgresPool, _ database: TenantDatabase) async throws {
        for tenantID in try await worker.query(SelectTenantsToResume()) {
            try await database.transaction(in: tenantID, by: .system) { transaction in
                let replays = try await transaction.query(SelectUnfinishedReplays(tenantID: tenantID))
                let probes = try await transaction.query(SelectDueProbes(tenantID: tenantID))
                try await transaction.enqueue(
                    replays.map { ReplayWebhooks(replayID: $0.id).page(after: $0.enqueued) }
                        + probes.map { ProbeWebhook(endpointID: $0.id, number: $0.number).due() }
                )
            }
        }
    }

    /// Deliveries before their messages: none is left without what it sent.
    static func forgetOld(_ worker: PostgresPool) async throws {
        while try await worker.execute(DeleteOldDeliveries(age: retention, limit: batchSize)) > 0 {}
        while try await worker.execute(DeleteOldMessages(age: retention, limit: batchSize)) > 0 {}
        while try await worker.execute(DeleteOldReplays(age: retention, limit: batchSize)) > 0 {}
    }
}
