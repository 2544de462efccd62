internal import Synchronization

/// An open transaction.
///
/// BEGIN and the settings travel with the first statement; a transaction without one sends nothing.
///
/// Statements run in the order in which they are given, also from several tasks at once. After the first error the server
/// refuses all others and the transaction is rolled back.
public final class PostgresTransaction: Sendable {
    private struct State {
        /// What opens the transaction, until it was sent.
        var opening: Exchange?
        var isEnded = false
        var condition = ConnectionCondition.idle
    }

    private let worker: ConnectionWorker
    private let state: Mutex<State>

    init(_ worker: ConnectionWorker, settings: [SessionSetting]) {
        self.worker = worker
        var opening = Exchange(.startOfTransaction)
        opening.append(control: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        opening.append(settings)
        self.state = Mutex(State(opening: opening))
    }

    /// All rows.
    public func query<S: Statement>(_ statement: S) async throws -> [S.Row] {
        try await run { $0.append(statement) }[0].rows(S.self)
    }

    /// The first row, or nil when there is none.
    public func queryFirst<S: Statement>(_ statement: S) async throws -> S.Row? {
        try await query(statement).first
    }

    /// - Returns: the number of rows affected.
    @discardableResult
    public func execute<C: Command>(_ command: C) async throws -> Int {
        try await run { $0.append(command) }[0].affectedRows
    }

    /// Several statements in one round trip.
    public func batch<each S: Statement>(_ statements: repeat each S) async throws -> (repeat [(each S).Row]) {
        let results = try await run { exchange in
            for statement in repeat each statements { exchange.append(statement) }
        }
        var decoder = BatchDecoder(results)
        return (repeat try decoder.next((each S).self))
    }

    /// For migrations and tests, like the pool's.
    public func unsafeScript(_ script: String) async throws {
        _ = try await run { _ in }
        _ = try await submit(.direct { $0.run(script: script) }, isCancellable: true)
    }

    /// - Returns: the results of the statements that `fill` has put in.
    private func run(_ fill: (inout Exchange) -> Void) async throws -> [QueryResult] {
        var exchange = Exchange(.withinTransaction)
        fill(&exchange)
        if let error = exchange.encodingError { throw error }
        return exchange.statementResults(in: try await submit(.exchange(exchange), isCancellable: true))
    }

    /// The order in which jobs reach the connection is decided under the lock, so that nothing overtakes BEGIN.
    private func submit(_ work: ConnectionWorker.Job.Work, isCancellable: Bool) async throws -> [QueryResult] {
        let ticket = CancelGate.makeTicket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let refusal: PostgresError? = state.withLock { state in
                    guard !state.isEnded || !isCancellable else {
                        return PostgresError(.transactionEnded, effect: .none)
                    }
                    guard !Task.isCancelled || !isCancellable else { return PostgresError(.cancelled, effect: .none) }
                    var work = work
                    if case .exchange(let exchange) = work, let opening = state.opening {
                        work = .exchange(opening.followed(by: exchange))
                        state.opening = nil
                    }
                    let isSubmitted = worker.submit(
                        ConnectionWorker.Job(ticket: ticket, work: work) { outcome in
                            self.state.withLock { $0.condition = outcome.connection }
                            continuation.resume(with: outcome.result)
                        }
                    )
                    if !isSubmitted { state.condition = .unusable }
                    return isSubmitted ? nil : PostgresError(.connectionLost, effect: .none)
                }
                if let refusal {
                    continuation.resume(throwing: refusal)
                } else if isCancellable, Task.isCancelled {
                    worker.cancel(ticket)
                }
            }
        } onCancel: {
            if isCancellable { worker.cancel(ticket) }
        }
    }

    /// Takes no more statements and commits.
    func commit() async throws {
        guard end() else { return }
        let tag = try await submit(.exchange(.control("COMMIT")), isCancellable: false).first?.commandTag
        // After an error in the transaction, COMMIT succeeds and its tag is ROLLBACK.
        guard tag == "COMMIT" else {
            throw PostgresError(.transactionRolledBack, effect: .none)
        }
    }

    /// Takes no more statements and undoes those before, also when the task is cancelled.
    func rollBack() async {
        guard end() else { return }
        // Where that fails, the connection is not used again.
        _ = try? await submit(.exchange(.control("ROLLBACK")), isCancellable: false)
    }

    /// What the connection may be used for now that the transaction has ended.
    var condition: ConnectionCondition { state.withLock { $0.condition } }

    /// - Returns: false when nothing was sent and so nothing has to be ended.
    private func end() -> Bool {
        state.withLock { state in
            state.isEnded = true
            return state.opening == nil
        }
    }
}

extension Exchange {
    fileprivate static func control(_ sql: String) -> Exchange {
        var exchange = Exchange(.withinTransaction)
        exchange.append(control: sql)
        return exchange
    }
}

extension PostgresPool {
    /// Runs `body` in one transaction: committed when it returns, rolled back when it throws or its task is cancelled.
    ///
    /// - Throws: what `body` throws; `transactionRolledBack` when it returned although a statement had failed.
    nonisolated(nonsending) public func transaction<T>(
        settings: [SessionSetting] = [],
        _ body: nonisolated(nonsending) (PostgresTransaction) async throws -> T
    ) async throws -> T {
        let lease = try await lease()
        let transaction = PostgresTransaction(lease.worker, settings: settings)
        do {
            let value = try await body(transaction)
            try await transaction.commit()
            lease.giveBack(transaction.condition)
            return value
        } catch {
            await transaction.rollBack()
            lease.giveBack(transaction.condition)
            throw error
        }
    }
}
