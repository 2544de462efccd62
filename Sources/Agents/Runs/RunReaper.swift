public import Logging
public import Postgres
public import Primitives
public import ServiceLifecycle
public import Tenancy

/// Finds runs whose process is gone, and gives them up: so their conversations can be answered again.
///
/// Every process does; of several that find the same run one changes it.
public struct RunReaper: Service {
    private static let interval = Duration.seconds(5)
    /// Runs at once; when there are more, the next look follows immediately.
    private static let batchSize = 100

    private let database: TenantDatabase
    private let worker: PostgresPool
    private let clock: WallClock
    private let logger: Logger

    /// - Parameter worker: the worker's pool, which sees the runs of all tenants.
    public init(database: TenantDatabase, worker: PostgresPool, clock: WallClock = .system, logger: Logger) {
        self.database = database
        self.worker = worker
        self.clock = clock
        self.logger = logger
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            repeat {
                do {
                    while try await self.reap() == Self.batchSize {}
                } catch {
                    self.logger.warning("expired runs not found", error: error)
                }
                // By the clock, as leases end: whoever held them was killed and can tell nobody.
            } while (try? await Task.sleep(for: Self.interval)) != nil
        }
    }

    /// Nothing was told of such an answer and nothing is counted for it: what it spent is not known.
    /// - Returns: how many expired runs were found.
    @discardableResult
    public func reap() async throws -> Int {
        let expired = try await worker.query(SelectExpiredRuns(limit: Self.batchSize))
        for run in expired {
            let interrupt = InterruptExpiredRun(
                tenantID: run.tenantID,
                id: run.id,
                finishedAt: clock.now(),
                errorCode: Fault.Code.runInterrupted.rawValue
            )
            let changed = try await database.transaction(in: run.tenantID) { try await $0.execute(interrupt) }
            if changed == 1 { logger.notice("run given up", metadata: ["run_id": "\(run.id)"]) }
        }
        return expired.count
    }
}
