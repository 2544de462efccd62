internal import FoundationEssentials
public import Knowledge
public import Logging
public import Postgres
public import Primitives
public import ServiceLifecycle
internal import Synchronization
public import Tenancy

/// Makes answers in tasks of its own, so that a client that goes away stops nothing.
///
/// A run is this process's by its claim for as long as its lease is renewed. When the process is told to end, no run
/// begins, those under way have `drainTimeout` to finish, and what is left is stored as interrupted.
public final class RunSupervisor: Service {
    /// Of this process, at this start.
    let claim = UUID()
    private let turn: AnswerTurn
    private let search: KnowledgeSearch
    private let worker: PostgresPool
    private let configuration: RunConfiguration
    private let clock: WallClock
    private let logger: Logger
    private let registry: Mutex<RunRegistry>
    private let orders: AsyncStream<(RunOrder, RunJournal)>
    private let ordersContinuation: AsyncStream<(RunOrder, RunJournal)>.Continuation

    /// - Parameter worker: the worker's pool, which renews the leases of all tenants' runs at once.
    public init(
        database: TenantDatabase,
        worker: PostgresPool,
        search: KnowledgeSearch,
        configuration: RunConfiguration = RunConfiguration(),
        clock: WallClock = .system,
        logger: Logger
    ) {
        turn = AnswerTurn(
            store: RunStore(database: database, clock: clock),
            clock: clock,
            logger: logger
        )
        self.search = search
        self.worker = worker
        self.configuration = configuration
        self.clock = clock
        self.logger = logger
        registry = Mutex(RunRegistry(configuration))
        (orders, ordersContinuation) = AsyncStream.makeStream()
    }

    /// How many answers are being made.
    public var activeRuns: Int { registry.withLock { $0.activeCount } }

    public func run() async throws {
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.keepLeases() }
                group.addTask { await self.interruptAfterDrainTimeout() }
                await withDiscardingTaskGroup { runs in
                    for await (order, journal) in orders {
                        runs.addTask { await self.execute(order, journal) }
                    }
                }
                group.cancelAll()
            }
        } onGracefulShutdown: {
            self.registry.withLock { $0.drain() }
            self.ordersContinuation.finish()
        }
    }

    // MARK: Beginning

    /// Takes a place for a run, before its transaction.
    ///
    /// From here on revocations stop it.
    /// - Throws: `draining`, `server_busy`.
    func reserve(_ identity: RunIdentity, for principal: Principal) throws(Fault) -> RunJournal {
        let journal = RunJournal(identity)
        try registry.withLock { registry throws(Fault) in try registry.reserve(identity.key, journal, for: principal) }
        return journal
    }

    func abandon(_ identity: RunIdentity) {
        registry.withLock { $0.abandon(identity.key) }
    }

    /// Looks up what the run's question is about.
    func lookUp(_ order: RunOrder) -> LookUp? {
        order.knowledgeBaseID.map { LookUp(order.question, in: $0, of: order.identity.tenantID, by: search) }
    }

    /// Begins a run whose row is committed.
    func launch(_ order: RunOrder, _ journal: RunJournal) {
        if case .terminated = ordersContinuation.yield((order, journal)) {
            // Its lease runs out, and it is found.
            let failure = RunEvent.Failure(.runInterrupted, language: order.language, requestID: order.requestID)
            journal.append(.error(failure), at: clock.now())
            registry.withLock { $0.end(order.identity.key, now: .now) }
        }
    }

    /// The events of a run that this process makes, or made lately.
    func journal(_ runID: RunID, of tenantID: TenantID) -> RunJournal? {
        registry.withLock { $0.journal(RunRegistry.Key(tenantID: tenantID, runID: runID)) }
    }

    // MARK: Running

    private func execute(_ order: RunOrder, _ journal: RunJournal) async {
        let key = order.identity.key
        let task = Task {
            await turn.run(order, journal) { self.registry.withLock { $0.stopReason(key) } ?? .shutdown }
        }
        if registry.withLock({ $0.begin(key) { task.cancel() } }) { task.cancel() }
        await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        registry.withLock { $0.end(key, now: .now) }
    }

    // MARK: Stopping

    /// - Returns: false where this process does not make that run.
    func cancel(_ runID: RunID, of tenantID: TenantID) -> Bool {
        let key = RunRegistry.Key(tenantID: tenantID, runID: runID)
        guard registry.withLock({ $0.activeKeys.contains(key) }) else { return false }
        stop(key, .requested)
        return true
    }

    /// Stops the answers that were asked for by those whom `revocations` concern.
    public func stop(_ revocations: Revocations) {
        for key in registry.withLock({ $0.keys(coveredBy: revocations) }) { stop(key, .revoked) }
    }

    private func stop(_ key: RunRegistry.Key, _ reason: RunStopReason) {
        registry.withLock { $0.stop(key, reason) }?()
    }

    private func interruptAfterDrainTimeout() async {
        do {
            try await gracefulShutdown()
            // The grace that answers have to end by themselves is a time; what has not ended then is interrupted.
            try await Task.sleep(for: configuration.drainTimeout)
        } catch {
            return
        }
        for key in registry.withLock({ $0.activeKeys }) { stop(key, .shutdown) }
    }

    // MARK: Leases

    private func keepLeases() async {
        // By the clock, as leases end: nothing else happens while an answer is made that could call for it.
        while (try? await Task.sleep(for: configuration.leaseRenewalInterval)) != nil {
            registry.withLock { $0.forgetEnded(now: .now) }
            do {
                try await renewLeases()
            } catch {
                logger.warning("leases not renewed", error: error)
            }
        }
    }

    /// Renews the lease of every run of this process; one that is not its own any more is stopped.
    func renewLeases() async throws {
        let begun = registry.withLock { $0.begunKeys }
        guard !begun.isEmpty else { return }
        let renewed = try await worker.query(RenewLeases(claim: claim, ids: begun.map(\.runID)))
        let kept = Set(renewed.map(\.id))
        let cancelled = Set(renewed.lazy.filter(\.isCancelRequested).map(\.id))
        for key in begun {
            if !kept.contains(key.runID) {
                stop(key, .leaseLost)
            } else if cancelled.contains(key.runID) {
                stop(key, .requested)
            }
        }
    }
}

extension RunIdentity {
    fileprivate var key: RunRegistry.Key { RunRegistry.Key(tenantID: tenantID, runID: runID) }
}
