public import Logging
internal import Primitives
public import ServiceLifecycle
internal import Synchronization

/// A bounded set of connections to one database as one role.
///
/// A statement given to the pool is a transaction of its own and one round trip. `run()` must be running for deadlines
/// to be kept; connections are opened when needed.
public final class PostgresPool: Service, Sendable {
    private typealias Machine = PoolStateMachine<Waiter>

    /// Called once with a connection or with why there is none; may be called on any thread and must not block.
    private typealias Waiter = @Sendable (Result<Lease, PostgresError>) -> Void

    private struct State {
        var machine: Machine
        var workers: [Machine.ConnectionID: ConnectionWorker] = [:]
        var lastError: PostgresError?
    }

    private let configuration: PostgresConfiguration
    private let logger: Logger
    private let guarded: Mutex<State>
    private let deadlines: AsyncStream<ContinuousClock.Instant>
    private let deadlinesContinuation: AsyncStream<ContinuousClock.Instant>.Continuation
    private let drained: AsyncStream<Void>
    private let drainedContinuation: AsyncStream<Void>.Continuation

    public init(configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        let limits = Machine.Limits(size: configuration.poolSize, maximumWaiting: configuration.maximumWaiting)
        self.guarded = Mutex(State(machine: Machine(limits)))
        (deadlines, deadlinesContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (drained, drainedContinuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    deinit {
        for worker in guarded.withLock({ $0.workers.values }) { worker.close() }
    }

    /// Keeps deadlines until graceful shutdown or cancellation; then lets running statements end, closes every connection
    /// and returns.
    public func run() async throws {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.keepDeadlines() }
            // In a task of its own, which cancelling this one cannot shorten.
            let end = Task { for await _ in self.drained { break } }
            await withTaskCancellationOrGracefulShutdownHandler {
                await end.value
            } onCancelOrGracefulShutdown: {
                self.shutDown()
            }
            group.cancelAll()
        }
    }

    /// Lets running statements end, refuses new ones, closes every connection; `run()` then returns.
    func shutDown() {
        perform { $0.shutDown() }
    }

    /// A pool that runs as long as `body`; what it returns or throws comes after the last connection was closed.
    public static func running<T: Sendable>(
        _ configuration: PostgresConfiguration,
        logger: Logger,
        _ body: @Sendable (PostgresPool) async throws -> T
    ) async throws -> T {
        let pool = PostgresPool(configuration: configuration, logger: logger)
        async let running: Void = pool.run()
        let result: Result<T, any Error>
        do { result = .success(try await body(pool)) } catch { result = .failure(error) }
        pool.shutDown()
        try await running
        return try result.get()
    }

    public var state: PoolState {
        guarded.withLock { state in
            PoolState(
                size: configuration.poolSize,
                open: state.machine.openCount,
                idle: state.machine.idleCount,
                waiting: state.machine.waitingCount,
                lastError: state.lastError?.code
            )
        }
    }

    private func keepDeadlines() async {
        for await first in deadlines {
            var next: ContinuousClock.Instant? = first
            while let deadline = next {
                guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
                perform { $0.expire(now: .now) }
                next = guarded.withLock { $0.machine.nextDeadline }
            }
        }
    }
}

// MARK: Statements

extension PostgresPool {
    /// Runs the statement in a transaction of its own, under `settings`.
    public func query<S: Statement>(_ statement: S, settings: [SessionSetting] = []) async throws -> [S.Row] {
        try await run(settings) { $0.append(statement) }[0].rows(S.self)
    }

    /// Runs the command in a transaction of its own, under `settings`.
    /// - Returns: the number of rows affected.
    @discardableResult
    public func execute<C: Command>(_ command: C, settings: [SessionSetting] = []) async throws -> Int {
        try await run(settings) { $0.append(command) }[0].affectedRows
    }

    /// The first row, or nil when there is none.
    public func queryFirst<S: Statement>(_ statement: S, settings: [SessionSetting] = []) async throws -> S.Row? {
        try await query(statement, settings: settings).first
    }

    /// Runs the statements in one transaction and one round trip, under `settings`: all of them, or none.
    public func batch<each S: Statement>(
        _ statements: repeat each S,
        settings: [SessionSetting] = []
    ) async throws -> (repeat [(each S).Row]) {
        let results = try await run(settings) { exchange in
            for statement in repeat each statements { exchange.append(statement) }
        }
        var decoder = BatchDecoder(results)
        return (repeat try decoder.next((each S).self))
    }

    /// - Returns: the results of the statements that `fill` has put in.
    private func run(_ settings: [SessionSetting], _ fill: (inout Exchange) -> Void) async throws -> [QueryResult] {
        var exchange = Exchange(.implicitTransaction)
        exchange.append(settings)
        fill(&exchange)
        if let error = exchange.encodingError { throw error }
        return exchange.statementResults(in: try await run(.exchange(exchange)))
    }

    /// Runs a text of any number of commands, by the simple protocol, on one connection.
    ///
    /// The text is not checked, cannot bind values and must never hold what somebody typed: for migrations and tests.
    public func unsafeScript(_ script: String) async throws {
        try await runDirectly { $0.run(script: script) }
    }

    /// Runs `body` on a connection's thread, with the connection itself.
    func runDirectly(_ body: @escaping @Sendable (borrowing LibPQConnection) -> PostgresError?) async throws {
        _ = try await run(.direct(body))
    }

    /// Waits for a connection, runs the work on it and gives the connection back before the caller goes on.
    private func run(_ work: ConnectionWorker.Job.Work) async throws -> [QueryResult] {
        let request = CancelGate.makeTicket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(request) { lease in
                    switch lease {
                    case .failure(let error): continuation.resume(throwing: error)
                    case .success(let lease):
                        let job = ConnectionWorker.Job(ticket: request, work: work) { outcome in
                            lease.giveBack(outcome.connection)
                            continuation.resume(with: outcome.result)
                        }
                        if !lease.worker.submit(job) { job.completion(.neverSent) }
                    }
                }
            }
        } onCancel: {
            perform { $0.cancel(request) }
        }
    }
}

// MARK: Connections

extension PostgresPool {
    /// A connection on loan; whoever has it gives it back exactly once.
    struct Lease: Sendable {
        let worker: ConnectionWorker
        let giveBack: @Sendable (ConnectionCondition) -> Void
    }

    /// Waits for a connection, up to the deadline.
    func lease() async throws(PostgresError) -> Lease {
        let request = CancelGate.makeTicket()
        let lease: Result<Lease, PostgresError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enqueue(request) { continuation.resume(returning: $0) }
            }
        } onCancel: {
            perform { $0.cancel(request) }
        }
        return try lease.get()
    }

    private func enqueue(_ request: Machine.RequestID, _ waiter: @escaping Waiter) {
        guard !Task.isCancelled else { return waiter(.failure(error(for: .cancelled))) }
        let now = ContinuousClock.now
        perform { $0.request(request, waiter, now: now, deadline: now + self.configuration.waitingDeadline) }
        // A cancel that came in between has found nothing.
        if Task.isCancelled { perform { $0.cancel(request) } }
    }

    /// Gives the input to the machine under the lock, and does what it says outside of it.
    private func perform(_ input: @Sendable (inout Machine) -> [Machine.Action]) {
        change { input(&$0.machine) }
    }

    private func change(_ input: @Sendable (inout State) -> [Machine.Action]) {
        let (actions, workers) = guarded.withLock { state in
            let actions = input(&state)
            return (actions, actions.isEmpty ? [:] : state.workers)
        }
        for action in actions {
            switch action {
            case .grant(let waiter, let id):
                guard let worker = workers[id] else { continue }
                waiter(
                    .success(
                        Lease(worker: worker) { condition in
                            self.perform { $0.released(id, isReusable: condition == .idle, now: .now) }
                        }
                    )
                )
            case .refuse(let waiter, let refusal): waiter(.failure(error(for: refusal)))
            case .connect(let id, let delay): connect(id, after: delay)
            case .close(let id): workers[id]?.close()
            case .cancel(let id, let request): workers[id]?.cancel(request)
            case .wake(let deadline): deadlinesContinuation.yield(deadline)
            case .finished: drainedContinuation.yield()
            }
        }
    }

    private func connect(_ id: Machine.ConnectionID, after delay: Duration) {
        do throws(PostgresError) {
            let worker = try ConnectionWorker(configuration) { [weak self] event in
                self?.handle(event, of: id)
            }
            let isWanted = guarded.withLock { state in
                state.workers[id] = worker
                return state.machine.isConnecting(id)
            }
            worker.start(after: delay)
            // The pool was shut down before there was a worker to close.
            if !isWanted { worker.close() }
        } catch {
            handle(.closed(error), of: id)
        }
    }

    private func handle(_ event: ConnectionWorker.Event, of id: Machine.ConnectionID) {
        switch event {
        case .connected:
            guarded.withLock { $0.lastError = nil }
            perform { $0.connected(id, now: .now) }
        case .closed(let error):
            if let error { logger.warning("postgres connection closed", error: error) }
            // In one step: while the machine can still lend the connection, there must be its worker, or who is granted it
            // would wait for ever.
            change { state in
                if let error { state.lastError = error }
                state.workers[id] = nil
                return state.machine.closed(id, now: .now, jitter: .random(in: 0.5...1))
            }
        }
    }

    private func error(for refusal: Machine.Refusal) -> PostgresError {
        switch refusal {
        case .cancelled: return PostgresError(.cancelled, effect: .none)
        case .closed: return PostgresError(.poolClosed, effect: .none)
        case .tooManyWaiting: return PostgresError(.poolExhausted, reason: "too many waiting", effect: .none)
        case .deadlinePassed:
            let (open, last) = guarded.withLock { ($0.machine.openCount, $0.lastError) }
            guard open == 0, let last else {
                return PostgresError(.poolExhausted, reason: "waiting deadline", effect: .none)
            }
            return PostgresError(.connectionFailed, report: last.report, reason: last.reason, effect: .none)
        }
    }
}
