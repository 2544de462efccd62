public import Logging
internal import Metrics
public import Postgres
internal import Primitives
public import ServiceLifecycle

/// Tells this process what was revoked anywhere, within about two seconds of the commit, through Postgres alone.
///
/// Ten minutes back are enough, also at start and after a time without database, and no process has to know the
/// revocations of the longest token's life: the rows decide at each admission, which is remembered for 5 s; a process
/// begins with nothing admitted, no live stream lasts longer than ten minutes, and an answer whose process cannot reach
/// the database loses its lease.
public actor RevocationFeed: Service {
    /// Called with what is new; has no time to wait for anything.
    public typealias Listener = @Sendable (Revocations) -> Void

    private static let cleaningInterval = Duration.seconds(3600)

    private let worker: PostgresPool
    private let interval: Duration
    private let logger: Logger
    private let listeners: [Listener]
    private var seen = SeenRevocations()
    private var lastRead = ContinuousClock.now

    private let told = Counter(label: "revocations_told_total")
    private let failures = Counter(label: "revocation_reads_failed_total")
    /// Zero in health; counts up while the database cannot be read.
    private let age = Gauge(label: "revocation_feed_age_seconds")

    /// - Parameters:
    ///   - worker: the worker's pool, which sees the revocations of all tenants.
    ///   - interval: how often it looks.
    ///   - listeners: told in this order. What remembers admissions comes first: what is opened after a listener closed
    ///     everything is then admitted by rows that were read anew.
    public init(
        worker: PostgresPool,
        interval: Duration = .seconds(2),
        logger: Logger,
        listeners: [Listener]
    ) {
        self.worker = worker
        self.interval = interval
        self.logger = logger
        self.listeners = listeners
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown { await self.keepLooking() }
    }

    private func keepLooking() async {
        let firstRetry = Duration.milliseconds(50)
        var retry = firstRetry
        var cleaning = ContinuousClock.now
        while !Task.isCancelled {
            let isRead = await look()
            if isRead, cleaning <= .now {
                await clean()
                cleaning = .now + Self.cleaningInterval
            }
            try? await Task.sleep(for: isRead ? interval : retry)
            retry = isRead ? firstRetry : min(retry * 2, interval)
        }
    }

    /// Tells what was committed before the call and not told yet, before it returns.
    /// - Returns: false where the database could not be read; it is then told by a later look.
    @discardableResult
    public func look() async -> Bool {
        do {
            let rows = try await worker.query(SelectRevocations())
            // From here to the end nothing waits, so of two looks at once the later one finds everything told.
            lastRead = .now
            age.record(0)
            tell(seen.unseen(rows, now: lastRead))
            return true
        } catch {
            if Task.isCancelled { return false }
            failures.increment()
            age.record(lastRead.duration(to: .now).seconds)
            logger.warning("revocations cannot be read", error: error)
            return false
        }
    }

    private func tell(_ rows: [StoredRevocation]) {
        var revocations = Revocations()
        for row in rows {
            guard let revocation = row.revocation else {
                // Of a newer version of this program, which runs beside this one.
                logger.error("revocation not understood", metadata: ["revocation_id": "\(row.id)"])
                continue
            }
            revocations.insert(revocation, of: row.tenantID)
        }
        guard !revocations.isEmpty else { return }
        for listener in listeners { listener(revocations) }
        told.increment(by: revocations.count)
        logger.notice("access revoked", metadata: ["count": "\(revocations.count)"])
    }

    /// Each process does; what one has deleted another does not find.
    private func clean() async {
        do {
            try await worker.execute(DeleteOldRevocations())
            try await worker.execute(DeleteOldSessions())
        } catch {
            logger.warning("old revocations cannot be deleted", error: error)
        }
    }
}
