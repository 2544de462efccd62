/// A connection with its prepared statements: sends an exchange as one pipeline and follows it to its Sync.
struct PipelineSession: ~Copyable {
    let connection: LibPQConnection
    private let usesPreparedStatements: Bool
    private var cache: PreparedStatementCache

    init(_ connection: consuming LibPQConnection, _ configuration: PostgresConfiguration) {
        self.connection = connection
        self.usesPreparedStatements = configuration.usesPreparedStatements
        self.cache = PreparedStatementCache(capacity: configuration.maximumPreparedStatements)
    }

    /// Runs the exchange; an implicit transaction that failed because a statement kept prepared has become stale is run
    /// once more, which is safe because the server rolled it back.
    mutating func run(_ exchange: Exchange) -> Result<[QueryResult], PostgresError> {
        // A part of a transaction whose BEGIN was cancelled before it was sent, or that a statement of its own has ended:
        // alone it would be a transaction without the settings, and commit.
        if exchange.place == .withinTransaction, connection.condition != .inTransaction {
            return .failure(PostgresError(.transactionEnded, effect: .none))
        }
        let (result, isStale) = runOnce(exchange)
        guard isStale, exchange.place == .implicitTransaction, connection.condition == .idle else { return result }
        return runOnce(exchange).result
    }

    func run(_ body: (borrowing LibPQConnection) -> PostgresError?) -> Result<[QueryResult], PostgresError> {
        if let error = body(connection) { .failure(error) } else { .success([]) }
    }

    private mutating func runOnce(
        _ exchange: Exchange
    ) -> (result: Result<[QueryResult], PostgresError>, isStale: Bool) {
        var fresh: [String: PreparedStatementCache.Key] = [:]
        guard let commands = send(exchange, fresh: &fresh) else {
            let error = PostgresError(.protocolViolation, reason: connection.lastMessage, effect: .none)
            return (.failure(error), false)
        }
        var machine = PipelineStateMachine<QueryResult>(commands)
        while true {
            var statement: (any Statement.Type)?
            switch machine.awaited {
            case .step(let index, _)?: statement = exchange.steps[index].statement
            default: statement = nil
            }
            if case .prepare(let name)? = machine.awaited, let key = fresh[name] {
                statement = exchange.steps.first { $0.key == key }?.statement
            }
            switch machine.receive(connection.nextEvent(awaiting: statement)) {
            case .readMore: continue
            case .close(let error): return (.failure(error), false)
            case .finish(let result):
                for name in machine.prepared {
                    if let key = fresh[name] { cache.insert(key, name: name) }
                }
                return (result, forgetStale(after: machine, in: exchange))
            }
        }
    }

    /// Queues everything up to the Sync.
    /// - Parameter fresh: what is prepared now, by name.
    /// - Returns: what was queued; nil when libpq refused.
    private mutating func send(_ exchange: Exchange, fresh: inout [String: PreparedStatementCache.Key])
        -> [PipelineStateMachine<
            QueryResult
        >.Command]?
    {
        var commands: [PipelineStateMachine<QueryResult>.Command] = []
        // At the start or right after BEGIN: later a transaction may be aborted and would refuse it.
        let tidyAt: Int? =
            switch exchange.place {
            case .implicitTransaction: 0
            case .startOfTransaction: 1
            case .withinTransaction: nil
            }
        for (index, step) in exchange.steps.enumerated() {
            for name in index == tidyAt ? cache.takeDiscarded() : [] {
                guard connection.execute("DEALLOCATE \(name)", []) else { return nil }
                commands.append(.deallocate(name))
            }
            guard usesPreparedStatements, step.isPrepared else {
                guard connection.execute(step.sql, step.bindings) else { return nil }
                commands.append(.step(index, wasCached: false))
                continue
            }
            let key = step.key
            let cached = cache.use(key)
            let name = cached ?? fresh.first { $0.value == key }?.key ?? cache.makeName()
            if cached == nil, fresh[name] == nil {
                guard connection.prepare(name, key.sql, types: key.types) else { return nil }
                fresh[name] = key
                commands.append(.prepare(name))
            }
            guard connection.execute(prepared: name, step.bindings) else { return nil }
            commands.append(.step(index, wasCached: cached != nil))
        }
        return connection.sync() ? commands : nil
    }

    /// Drops from the cache what the error says is stale.
    /// - Returns: whether the exchange failed for that reason.
    private mutating func forgetStale(
        after machine: PipelineStateMachine<QueryResult>,
        in exchange: Exchange
    ) -> Bool {
        switch (machine.failure?.sqlState, machine.failedCommand) {
        case (.preparedStatementMissing?, _):
            cache.forgetAll()
            return true
        case (.featureNotSupported?, .step(let index, wasCached: true)?):
            // "cached plan must not change result type" has no SQLSTATE of its own; any other 0A000 just comes again.
            cache.forget(exchange.steps[index].key)
            return true
        default:
            return false
        }
    }
}
