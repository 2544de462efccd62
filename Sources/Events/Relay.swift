public import Logging
public import Postgres
internal import Primitives
public import ServiceLifecycle

/// Gives committed events their positions: the one place that allocates the order of all tenants' events.
///
/// Any number of relays may run; one at a time has the lock. It takes what it sees committed, so a writer that stays open
/// delays its own events only: nothing waits for a transaction id, and so for no other transaction of the cluster.
public final class Relay: Service {
    public enum Outcome: Sendable, Equatable {
        /// How many events got a position; there may be more at once when the batch was full.
        case relayed(Int)
        /// Another relay is at it.
        case isLocked
    }

    private let pool: PostgresPool
    private let interval: Duration
    private let batchSize: Int
    private let consumer: (any RelayConsumer)?
    private let announce: @Sendable () async -> Void
    private let logger: Logger
    private let wakeUp = WakeUp()
    /// How long commits are gathered after a batch: however many there are, they cost 20 transactions a second, while the
    /// first after a silence is relayed at once.
    private static let pause = Duration.milliseconds(50)
    /// A process that is frozen, or whose machine is gone, in the middle of a batch loses the lock after that.
    private static let lockTimeout = SessionSetting(name: "idle_in_transaction_session_timeout", value: "3s")

    /// - Parameters:
    ///   - pool: the worker's.
    ///   - interval: how long it rests when nothing is pending.
    ///   - batchSize: events a transaction, which so stays short.
    ///   - consumer: takes the events of each batch in its transaction; nil for nobody.
    ///   - announce: called after positions were committed: whoever reads the log may look now.
    public init(
        pool: PostgresPool,
        interval: Duration = .milliseconds(200),
        batchSize: Int = 500,
        consumer: (any RelayConsumer)? = nil,
        logger: Logger,
        announce: @escaping @Sendable () async -> Void
    ) {
        self.pool = pool
        self.interval = interval
        self.batchSize = batchSize
        self.consumer = consumer
        self.logger = logger
        self.announce = announce
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    var outcome = try await self.relay()
                    while outcome == .relayed(self.batchSize) { outcome = try await self.relay() }
                    // A rest, not a wait for anything: commits gather meanwhile, so that however many there are cost 20 batches a
                    // second.
                    if case .relayed(1...) = outcome { try? await Task.sleep(for: Self.pause) }
                } catch {
                    if Task.isCancelled { break }
                    self.logger.warning("events cannot be relayed", error: error)
                }
                await self.wakeUp.wait(atMost: self.interval)
            }
        }
    }

    /// There is something pending: look now.
    public func poke() {
        wakeUp.poke()
    }

    /// One batch, in one transaction.
    ///
    /// The lock is a statement of its own, before the one that draws positions: a statement sees what was committed when
    /// it began, and must not have begun while another relay still had the lock.
    @discardableResult
    public func relay() async throws -> Outcome {
        let relayed: (count: Int, afterCommit: (@Sendable () -> Void)?)?
        relayed = try await pool.transaction(settings: [Self.lockTimeout]) { transaction in
            guard try await transaction.queryFirst(TryRelayLock()) == true else { return nil }
            let events = try await transaction.query(RelayPending(limit: batchSize))
            let taken = events.compactMap(\.self)
            return (events.count, taken.isEmpty ? nil : try await consumer?.take(taken, in: transaction))
        }
        guard let relayed else { return .isLocked }
        relayed.afterCommit?()
        if relayed.count > 0 { await announce() }
        return .relayed(relayed.count)
    }
}
