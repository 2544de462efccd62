/// A connection with its prepared statements: sends an exchange as one pipeline and follows it to its Sync.
struct PipelineSession: ~Copyable {
    let connection: LibPQConnection
    private let usesPreparedStatements: Bool
    private var cache: PreparedStatementCache
    private var underWay: UnderWay?

    private enum UnderWay {
        case sent(Sent)
        /// Nothing was sent.
        case refused(PostgresError)
    }

    private struct Sent {
        let exchange: Exchange
        let commands: [PipelineStateMachine<QueryResult>.Command]
        /// What is prepared on the way, by name.
        let fresh: [String: PreparedStatementCache.Key]
    }

    init(_ connection: consuming LibPQConnection, _ configuration: PostgresConfiguration) {
        self.connection = connection
        self.usesPreparedStatements = configuration.usesPreparedStatements
        self.cache = PreparedStatementCache(capacity: configuration.maximumPreparedStatements)
    }

    /// Whether an exchange was sent and `receive` is owed.
    var isUnderWay: Bool { underWay != nil }

    /// Sends the exchange; what comes of it is for `receive`.
    /// - Returns: false when there is no need to wait for the server before that: not all could be sent, or nothing.
    mutating func send(_ exchange: Exchange) -> Bool {
        // A part of a transaction whose BEGIN was cancelled before it was sent, or that a statement of its own has ended:
        // alone it would be a transaction without the settings, and commit.
        if exchange.place == .withinTransaction, connection.condition != .inTransaction {
            underWay = .refused(PostgresError(.transactionEnded, effect: .none))
            return false
        }
        var fresh: [String: PreparedStatementCache.Key] = [:]
        guard let commands = queue(exchange, fresh: &fresh) else {
            underWay = .refused(PostgresError(.protocolViolation, reason: connection.lastMessage, effect: .none))
            return false
        }
        underWay = .sent(Sent(exchange: exchange, commands: commands, fresh: fresh))
        return connection.isFlushed
    }

    /// Waits for what comes of the exchange that was sent; an implicit transaction that failed because a statement kept
    /// prepared has become stale is run once more, which is safe because the server rolled it back.
    mutating func receive() -> Result<[QueryResult], PostgresError> {
        let (result, staleExchange) = receiveOnce()
        guard let staleExchange, staleExchange.place == .implicitTransaction, connection.condition == .idle else {
            return result
        }
        _ = send(staleExchange)
        return receiveOnce().result
    }

    mutating func run(_ exchange: Exchange) -> Result<[QueryResult], PostgresError> {
        _ = send(exchange)
        return receive()
    }

    func run(_ body: (borrowing LibPQConnection) -> PostgresError?) -> Result<[QueryResult], PostgresError> {
        if let error = body(connection) { .failure(error) } else { .success([]) }
    }

    private mutating func receiveOnce() -> (result: Result<[QueryResult], PostgresError>, stale: Exchange?) {
        defer { underWay = nil }
        let sent: Sent
        switch underWay {
        case .sent(let exchange)?: sent = exchange
        case .refused(let error)?: return (.failure(error), nil)
        case nil: return (.failure(PostgresError(.protocolViolation, effect: .unknown)), nil)
        }
        let (exchange, fresh) = (sent.exchange, sent.fresh)
        var machine = PipelineStateMachine<QueryResult>(sent.commands)
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
            case .close(let error): return (.failure(error), nil)
            case .finish(let result):
                for name in machine.prepared {
                    if let key = fresh[name] { cache.insert(key, name: name) }
                }
                return (result, forgetStale(after: machine, in: exchange) ? exchange : nil)
            }
        }
    }

    /// Queues everything up to the Sync.
    /// - Parameter fresh: what is prepared now, by name.
    /// - Returns: what was queued; nil when libpq refused.
    private mutating func queue(_ exchange: Exchange, fresh: inout [String: PreparedStatementCache.Key])
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
