/// Commands that travel together in one round trip, closed by one Sync.
struct Exchange: Sendable {
    struct Step: Sendable {
        let sql: String
        let bindings: Bindings
        /// nil for what we add ourselves: settings, BEGIN, COMMIT.
        let statement: (any Statement.Type)?
        /// Transaction control is never worth preparing.
        let isPrepared: Bool

        var key: PreparedStatementCache.Key {
            PreparedStatementCache.Key(sql: sql, types: bindings.parameters.map(\.type.oid))
        }
    }

    private(set) var steps: [Step] = []
    private var statementCount = 0
    /// Whether a statement has brought settings: otherwise the statements are the last steps.
    private var bringsSettings = false
    let place: Place

    enum Place: Sendable {
        /// A transaction of its own: wholly rolled back on error, so it may be sent again.
        case implicitTransaction
        /// Begins with BEGIN.
        case startOfTransaction
        case withinTransaction
    }

    init(_ place: Place) {
        self.place = place
    }

    mutating func append(_ statement: some Statement) {
        let type = Swift.type(of: statement)
        if !type.settings.isEmpty {
            append(type.settings)
            bringsSettings = true
        }
        statementCount += 1
        steps.append(Step(sql: type.sql, bindings: statement.bindings, statement: type, isPrepared: true))
    }

    mutating func append(control sql: String) {
        steps.append(Step(sql: sql, bindings: [], statement: nil, isPrepared: false))
    }

    mutating func append(_ settings: [SessionSetting]) {
        guard !settings.isEmpty else { return }
        var bindings = Bindings()
        for setting in settings {
            bindings.append(setting.name)
            bindings.append(setting.value)
        }
        let sql = settings.count == 1 ? Self.oneSetting : Self.sql(settings: settings.count)
        steps.append(Step(sql: sql, bindings: bindings, statement: nil, isPrepared: true))
    }

    /// Before nearly every statement: the tenant.
    private static let oneSetting = sql(settings: 1)

    private static func sql(settings count: Int) -> String {
        let calls = (0..<count).map { "set_config($\(2 * $0 + 1), $\(2 * $0 + 2), true)" }
        return "SELECT " + calls.joined(separator: ", ")
    }

    func followed(by other: Exchange) -> Exchange {
        var exchange = self
        exchange.steps += other.steps
        return exchange
    }

    /// Of the results of an exchange that ends with these steps: those of their statements.
    func statementResults(in results: [QueryResult]) -> [QueryResult] {
        guard bringsSettings else { return Array(results.suffix(statementCount)) }
        return zip(steps, results.suffix(steps.count)).compactMap { step, result in
            step.statement == nil ? nil : result
        }
    }

    /// A value that cannot be sent, before anything is.
    var encodingError: PostgresError? {
        for step in steps {
            if let failure = step.bindings.failure {
                let reason = "$\(failure.index + 1): \(failure.reason)"
                return PostgresError(.encoding, statement: step.statement, reason: reason, effect: .none)
            }
        }
        return nil
    }
}

/// What came of an exchange.
struct ExchangeOutcome: Sendable {
    /// The results of the steps, in their order.
    let result: Result<[QueryResult], PostgresError>
    let connection: ConnectionCondition
}

/// What a connection can be used for after an exchange.
enum ConnectionCondition: Sendable {
    /// Outside a transaction: the next borrower may have it.
    case idle
    case inTransaction
    /// Closed, or about to be.
    case unusable
}
