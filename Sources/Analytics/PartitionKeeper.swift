public import Logging
public import Postgres
public import Primitives
public import ServiceLifecycle

/// Sees to it that the ledger has a partition for everything that may be counted: at start, then once a day.
public struct PartitionKeeper: Service {
    /// Two months: what fails for weeks on end has not yet refused a row.
    private static let horizon = Duration.seconds(62 * 86_400)

    private let pool: PostgresPool
    private let clock: WallClock
    private let logger: Logger

    /// - Parameter pool: the worker's.
    public init(pool: PostgresPool, clock: WallClock = .system, logger: Logger) {
        self.pool = pool
        self.clock = clock
        self.logger = logger
    }

    public func ensurePartitions() async throws {
        _ = try await pool.execute(EnsurePartitions(until: clock.now() + Self.horizon))
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                var pause = Duration.seconds(86_400)
                do {
                    try await self.ensurePartitions()
                } catch {
                    self.logger.error("the ledger's partitions cannot be made", error: error)
                    pause = .seconds(60)
                }
                // By the calendar, and sooner after a failure. No job: the ledger takes rows also where nobody does any.
                try? await Task.sleep(for: pause)
            }
        }
    }
}
