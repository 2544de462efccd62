internal import CLibPQ
internal import Glibc

/// A `PGconn` in pipeline mode, owned by one thread and closed when it goes.
struct LibPQConnection: ~Copyable {
    private let handle: OpaquePointer
    private let answerTimeout: Duration?

    private init(handle: OpaquePointer, answerTimeout: Duration?) {
        self.handle = handle
        self.answerTimeout = answerTimeout
    }

    deinit {
        PQfinish(handle)
    }

    /// Connects without blocking in the handshake; `pipe` ends it early, with `poolClosed`.
    static func connect(
        _ parameters: ConnectionParameters,
        timeout: Duration,
        answerTimeout: Duration?,
        wakeable pipe: WakePipe
    ) throws(PostgresError) -> LibPQConnection {
        guard let handle = parameters.withCStrings({ PQconnectStartParams($0, $1, 0) }) else {
            throw PostgresError(.connectionFailed, reason: "out of memory", effect: .none)
        }
        let connection = LibPQConnection(handle: handle, answerTimeout: answerTimeout)
        // Otherwise libpq writes notices to the standard error.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        let deadline = ContinuousClock.now + timeout
        var events = POLLOUT
        poll: while PQstatus(handle) != CONNECTION_BAD {
            switch pipe.wait(socket: PQsocket(handle), events: events, timeout: deadline - .now) {
            case .socket: break
            case .woken: throw PostgresError(.poolClosed, effect: .none)
            case .timedOut: throw PostgresError(.connectionFailed, reason: "connect timeout", effect: .none)
            }
            switch PQconnectPoll(handle) {
            case PGRES_POLLING_READING: events = POLLIN
            case PGRES_POLLING_WRITING: events = POLLOUT
            default: break poll
            }
        }
        guard PQstatus(handle) == CONNECTION_OK, PQsetnonblocking(handle, 1) == 0, PQenterPipelineMode(handle) == 1
        else {
            throw PostgresError(.connectionFailed, reason: connection.lastMessage, effect: .none)
        }
        return connection
    }

    /// Tries once, on a thread of its own.
    static func canConnect(_ configuration: PostgresConfiguration) async -> Bool {
        await withCheckedContinuation { continuation in
            let isStarted = Thread.start {
                do throws(PostgresError) {
                    let parameters = try ConnectionParameters(configuration)
                    let pipe = try WakePipe()
                    _ = try connect(
                        parameters,
                        timeout: configuration.connectTimeout,
                        answerTimeout: configuration.answerTimeout,
                        wakeable: pipe
                    )
                    continuation.resume(returning: true)
                } catch {
                    continuation.resume(returning: false)
                }
            }
            if !isStarted { continuation.resume(returning: false) }
        }
    }

    var socket: Int32 { PQsocket(handle) }
    var isOpen: Bool { PQstatus(handle) == CONNECTION_OK }
    var usesTLS: Bool { PQsslInUse(handle) != 0 }

    var condition: ConnectionCondition {
        guard isOpen else { return .unusable }
        return switch PQtransactionStatus(handle) {
        case PQTRANS_IDLE: .idle
        case PQTRANS_INTRANS, PQTRANS_INERROR: .inTransaction
        default: .unusable
        }
    }

    /// What `PQcancel` needs; independent of the connection and safe to use from another thread.
    func makeCancelHandle() -> CancelHandle? {
        PQgetCancel(handle).map(CancelHandle.init(owning:))
    }

    /// Takes what has arrived.
    /// - Returns: false when the connection is lost.
    func consumeInput() -> Bool {
        PQconsumeInput(handle) == 1 && isOpen
    }

    // MARK: Pipeline

    func prepare(_ name: String, _ sql: String, types: [UInt32]) -> Bool {
        PQsendPrepare(handle, name, sql, Int32(types.count), types) == 1
    }

    func execute(prepared name: String, _ bindings: Bindings) -> Bool {
        bindings.withCArrays { count, values, lengths, formats in
            PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1) == 1
        }
    }

    func execute(_ sql: String, _ bindings: Bindings) -> Bool {
        let types = bindings.parameters.map(\.type.oid)
        return bindings.withCArrays { count, values, lengths, formats in
            PQsendQueryParams(handle, sql, count, types, values, lengths, formats, 1) == 1
        }
    }

    func sync() -> Bool {
        PQpipelineSync(handle) == 1
    }

    /// Whether all that was queued is with the server.
    var isFlushed: Bool { PQflush(handle) == 0 }

    /// The next event of the pipeline, waiting for the server where needed.
    ///
    /// While the socket is not writable, what the server sends is read all the same, or both sides would wait for each
    /// other.
    func nextEvent(awaiting statement: (any Statement.Type)?) -> PipelineStateMachine<QueryResult>.Event {
        while PQisBusy(handle) != 0 {
            let unsent = PQflush(handle)
            guard unsent >= 0 else { return lost(statement) }
            let events = unsent == 1 ? POLLIN | POLLOUT : POLLIN
            guard WakePipe.wait(socket: socket, events: events, timeout: answerTimeout) else {
                return lost(statement, "no answer in time")
            }
            guard consumeInput() else { break }
        }
        guard let result = PQgetResult(handle) else { return isOpen ? .endOfCommand : lost(statement) }
        switch PQresultStatus(result) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: return .success(QueryResult(owning: result))
        case PGRES_PIPELINE_SYNC:
            PQclear(result)
            return .sync
        case PGRES_PIPELINE_ABORTED:
            PQclear(result)
            return .skipped
        default:
            defer { PQclear(result) }
            guard let report = ServerReport(result) else { return lost(statement) }
            return .failure(PostgresError(report, statement: statement))
        }
    }

    private func lost(
        _ statement: (any Statement.Type)?,
        _ reason: String? = nil
    ) -> PipelineStateMachine<QueryResult>.Event {
        .connectionLost(
            PostgresError(.connectionLost, statement: statement, reason: reason ?? lastMessage, effect: .unknown)
        )
    }

    // MARK: Outside the pipeline

    /// The SCRAM verifier of a password, made here so that the password itself never travels.
    func passwordVerifier(_ password: String, role: String) -> String? {
        guard let verifier = PQencryptPasswordConn(handle, password, role, "scram-sha-256") else { return nil }
        defer { PQfreemem(verifier) }
        return String(cString: verifier)
    }

    /// Runs a text of any number of commands by the simple protocol, outside pipeline mode.
    /// - Returns: the first error, if there was one.
    func run(script: String) -> PostgresError? {
        guard PQexitPipelineMode(handle) == 1, PQsendQuery(handle, script) == 1 else {
            return PostgresError(.protocolViolation, reason: lastMessage, effect: .unknown)
        }
        var failure: PostgresError?
        loop: while true {
            switch nextEvent(awaiting: nil) {
            case .endOfCommand: break loop
            case .connectionLost(let error): return failure ?? error
            case .failure(let error): failure = failure ?? error
            default: break
            }
        }
        guard PQenterPipelineMode(handle) == 1 else {
            return failure ?? PostgresError(.protocolViolation, reason: lastMessage, effect: .unknown)
        }
        return failure
    }

    /// libpq's last words; for the log only, they name host and user.
    var lastMessage: String {
        var message = Substring(String(cString: PQerrorMessage(handle)))
        while message.last?.isNewline == true { message.removeLast() }
        return String(message)
    }
}

extension Bindings {
    /// - Parameter body: count, values (nil for NULL), lengths, formats (1: binary).
    fileprivate func withCArrays(
        _ body: (
            Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?, UnsafePointer<Int32>?
        ) -> Bool
    ) -> Bool {
        let count = parameters.count
        return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * count) { numbers in
                bytes.withUnsafeBytes { bytes in
                    // A value of no bytes has an address too: one without would be NULL.
                    let start = (bytes.baseAddress ?? UnsafeRawPointer(numbers.baseAddress))?
                        .assumingMemoryBound(to: CChar.self)
                    for (index, parameter) in parameters.enumerated() {
                        let range = parameter.range
                        values.initializeElement(
                            at: index,
                            to: range.flatMap { range in start.map { $0 + range.lowerBound } }
                        )
                        numbers.initializeElement(at: index, to: Int32(range?.count ?? 0))
                        numbers.initializeElement(at: count + index, to: 1)
                    }
                    let lengths = UnsafePointer(numbers.baseAddress)
                    return body(Int32(count), UnsafePointer(values.baseAddress), lengths, lengths.map { $0 + count })
                }
            }
        }
    }
}

extension ServerReport {
    /// - Returns: nil when libpq made the error itself, which has no SQLSTATE.
    fileprivate init?(_ result: OpaquePointer) {
        func field(_ code: Unicode.Scalar) -> String? {
            PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
        }
        guard let state = field("C") else { return nil }
        self.init(
            severity: field("V") ?? field("S") ?? "",
            sqlState: SQLState(state),
            message: field("M") ?? "",
            detail: field("D"),
            hint: field("H"),
            schema: field("s"),
            table: field("t"),
            column: field("c"),
            constraint: field("n"),
            position: field("P").flatMap { Int($0) }
        )
    }
}
