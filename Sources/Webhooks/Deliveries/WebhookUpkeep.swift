public import Jobs
public import Postgres
public import Primitives

/// What is done once a day: forgetting what is old, and having a new signing key take over.
public struct WebhookUpkeep: Sendable {
    /// How long deliveries, their attempts and what was sent are kept.
    public static let retention = Duration.seconds(90 * 86_400)

    /// Rows a transaction, which so stays short.
    private static let batchSize = 1000

    private let pool: PostgresPool
    private let keys: SigningKeys

    /// - Parameter pool: the worker's, which sees all tenants.
    public init(pool: PostgresPool, keys: SigningKeys) {
        self.pool = pool
        self.keys = keys
    }

    public func register(in handlers: inout JobHandlers) {
        handlers.register(TendWebhooks.self) { _, _ in
            try await keys.rotateIfDue()
            try await forgetOld()
            return .completed
        }
    }

    /// When it is done: at night in Brazil.
    public static func schedule() throws(Fault) -> JobSchedule {
        try JobSchedule("webhooks.tend", "30 6 * * *") { _ in NewJob(TendWebhooks()) }
    }

    /// Deliveries before their messages: none is left without what it sent.
    func forgetOld() async throws {
        let age = Double(Self.retention.components.seconds)
        while try await pool.execute(DeleteOldDeliveries(age: age, limit: Self.batchSize)) > 0 {}
        while try await pool.execute(DeleteOldMessages(age: age, limit: Self.batchSize)) > 0 {}
        while try await pool.execute(DeleteOldReplays(age: age, limit: Self.batchSize)) > 0 {}
    }
}

/// A day's upkeep, of the system.
struct TendWebhooks: Job {
    static let kind = "webhooks.tend"

    init() {}
    init(payload: JSONObject) {}
    var payload: JSONObject { JSONObject() }
}
