public import Postgres
public import Primitives
internal import Synchronization

/// A transaction of one tenant: row-level security shows it that tenant's rows and no others.
///
/// Only `TenantDatabase` makes one, so a function that takes a `TenantTransaction` cannot be called without a tenant.
public struct TenantTransaction: Sendable {
    public let tenantID: TenantID
    /// By whose hand it was opened.
    public let origin: Origin
    private let transaction: PostgresTransaction
    private let wakeUps: CommitWakeUps

    init(tenantID: TenantID, origin: Origin, transaction: PostgresTransaction, wakeUps: CommitWakeUps) {
        self.tenantID = tenantID
        self.origin = origin
        self.transaction = transaction
        self.wakeUps = wakeUps
    }

    /// Once the transaction has committed, and only then, whoever waits for that topic is told to look.
    public func wakeAfterCommit(_ topic: WakeUpTopic) {
        wakeUps.add(topic)
    }

    public func query<S: Statement>(_ statement: S) async throws -> [S.Row] {
        try await transaction.query(statement)
    }

    /// The first row, or nil.
    public func queryFirst<S: Statement>(_ statement: S) async throws -> S.Row? {
        try await transaction.queryFirst(statement)
    }

    /// - Returns: how many rows were affected.
    @discardableResult
    public func execute<C: Command>(_ command: C) async throws -> Int {
        try await transaction.execute(command)
    }

    /// Several statements in one round trip.
    public func batch<each S: Statement>(_ statements: repeat each S) async throws -> (repeat [(each S).Row]) {
        try await transaction.batch(repeat each statements)
    }
}

/// Whom a transaction wakes when it has committed.
final class CommitWakeUps: Sendable {
    private let asked = Mutex<Set<WakeUpTopic>>([])

    func add(_ topic: WakeUpTopic) {
        asked.withLock { _ = $0.insert(topic) }
    }

    var topics: Set<WakeUpTopic> { asked.withLock { $0 } }
}
