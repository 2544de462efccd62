/// What Postgres, or the way to it, refused.
///
/// `description` never holds a value, a URL or a server's text, which may quote values; `debugDescription` says all.
public struct PostgresError: Error, Sendable {
    public let code: Code
    /// The statement's type, where one was at work.
    public let statement: (any Statement.Type)?
    /// What the server said, if it did.
    public let report: ServerReport?
    /// Our own words or libpq's; for the log.
    public let reason: String?
    /// Whether the transaction can have taken effect.
    public let effect: Effect
    public let file: StaticString
    public let line: UInt

    init(
        _ code: Code,
        statement: (any Statement.Type)? = nil,
        report: ServerReport? = nil,
        reason: String? = nil,
        effect: Effect,
        file: StaticString = #fileID,
        line: UInt = #line
    ) {
        self.code = code
        self.statement = statement
        self.report = report
        self.reason = reason
        self.effect = effect
        self.file = file
        self.line = line
    }

    /// An error the server reported; it rolled the transaction back unless it ended the session over it or says that it
    /// does not know itself.
    init(_ report: ServerReport, statement: (any Statement.Type)?, file: StaticString = #fileID, line: UInt = #line) {
        let isCertain = report.severity == "ERROR" && report.sqlState != .completionUnknown
        self.init(
            .server,
            statement: statement,
            report: report,
            effect: isCertain ? .none : .unknown,
            file: file,
            line: line
        )
    }

    public enum Effect: Sendable {
        /// Nothing of the transaction took effect.
        case none
        /// The connection was lost or the session ended before the outcome was known.
        case unknown
    }

    /// An open set over a closed one, so that a new code breaks no `switch` elsewhere.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Base: String {
            case connectionFailed, connectionLost, poolExhausted, poolClosed, cancelled, server, encoding, decoding
            case transactionRolledBack, transactionEnded, protocolViolation, invalidConfiguration
            case migrationRefused, notPermitted
        }

        private let base: Base

        /// No connection could be opened.
        public static let connectionFailed = Self(base: .connectionFailed)
        /// The connection broke with a statement under way.
        public static let connectionLost = Self(base: .connectionLost)
        /// No connection came free before the deadline, or too many were waiting already.
        public static let poolExhausted = Self(base: .poolExhausted)
        /// The pool is shutting down.
        public static let poolClosed = Self(base: .poolClosed)
        /// The task was cancelled.
        public static let cancelled = Self(base: .cancelled)
        /// The server reported an error; see `sqlState`.
        public static let server = Self(base: .server)
        /// A bound value does not exist in its Postgres type.
        public static let encoding = Self(base: .encoding)
        /// A row does not fit what its statement reads.
        public static let decoding = Self(base: .decoding)
        /// COMMIT was sent and the server rolled back, because a statement had failed before.
        public static let transactionRolledBack = Self(base: .transactionRolledBack)
        /// The transaction was used after its end.
        public static let transactionEnded = Self(base: .transactionEnded)
        /// The server or libpq did what it must not; the connection is closed.
        public static let protocolViolation = Self(base: .protocolViolation)
        /// The connection URL cannot be read.
        public static let invalidConfiguration = Self(base: .invalidConfiguration)
        /// The migration files and the database disagree.
        public static let migrationRefused = Self(base: .migrationRefused)
        /// The administrator's role may not do what the bootstrap needs; the reason is the SQL to run.
        public static let notPermitted = Self(base: .notPermitted)

        public var description: String { base.rawValue }
    }
}

extension PostgresError {
    public var sqlState: SQLState? { report?.sqlState }
    public var message: String? { report?.message }
    public var detail: String? { report?.detail }
    public var constraint: String? { report?.constraint }
    public var table: String? { report?.table }
    public var column: String? { report?.column }

    /// True only when it is certain that nothing of the transaction took effect.
    public var wasRolledBack: Bool { effect == .none }

    /// The same may succeed when tried again: contention, exhausted resources, time-outs, a server that is away or
    /// starting.
    ///
    /// Trying again is safe without idempotency only where `wasRolledBack`.
    public var isTransient: Bool {
        switch code {
        case .connectionFailed, .connectionLost, .poolExhausted: true
        default:
            switch sqlState {
            // Nobody of ours asked for it (that would be `cancelled`): a time-out of the role, or an operator.
            case .lockNotAvailable?, .queryCanceled?, .idleInTransactionTimeout?: true
            case let state?: ["08", "40", "53"].contains(state.class) || state.code.hasPrefix("57P")
            case nil: false
            }
        }
    }
}

extension PostgresError: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String {
        var text = "postgres: \(code)"
        if let sqlState { text += " \(sqlState)" }
        if let constraint { text += " constraint \(constraint)" }
        if let statement { text += " in \(statement)" }
        if code == .decoding || code == .encoding || code == .migrationRefused, let reason { text += ": \(reason)" }
        return text
    }

    public var debugDescription: String {
        var text = "postgres: \(code) at \(file):\(line), effect \(effect)"
        if let statement { text += " in \(statement)" }
        if let reason { text += ": \(reason)" }
        if let report { text += " [\(report)]" }
        return text
    }
}
