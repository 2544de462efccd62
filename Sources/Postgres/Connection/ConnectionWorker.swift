internal import DequeModule
internal import Glibc
internal import Synchronization

/// One connection and the thread that owns it: connects, runs exchanges one after the other, notices when the server goes.
///
/// An exchange for a connection with nothing to do is sent by whoever submits it, while the thread waits at the socket: the
/// thread wakes once, for the answer.
///
/// Why a thread per connection and not one epoll thread for all: on two cores shared with the server (Postgres 18.4,
/// libpq 15, release build), `set_config` and a select by key in one implicit pipelined transaction made
///
///     connections  tasks   thread each                  one epoll thread as the actor's executor
///     8            1        8,500 tx/s, p50 109 µs       7,800 tx/s, p50 112 µs
///     8            64      38,000 tx/s, p50 1.6 ms      36,000 tx/s, p50 1.7 ms
///     8            1,000   39,800 tx/s                  35,700 tx/s
///     16           64      34,500 tx/s, p50 1.6 ms      26,100 tx/s, p50 2.4 ms
///
/// at 20–29 µs of processor time per transaction either way; the machine was busy, so 10 % is noise. What decided: with
/// threads that which blocks inside libpq (name resolution, TLS handshakes, parsing a large result) stalls one
/// connection and not all, and a connection is straight-line code. A pool has tens of them, not thousands.
final class ConnectionWorker: Sendable {
    enum Event {
        case connected
        /// The last event: the connection is gone and the thread ends. The error is nil when `close()` asked for it.
        case closed(PostgresError?)
    }

    struct Job: Sendable {
        enum Work: Sendable {
            case exchange(Exchange)
            /// What needs the connection itself; returns the error, if there was one.
            case direct(@Sendable (borrowing LibPQConnection) -> PostgresError?)
        }

        let ticket: CancelGate.Ticket
        let work: Work
        let completion: @Sendable (ExchangeOutcome) -> Void
    }

    private struct State {
        var jobs: Deque<Job> = []
        /// Sent by its submitter, who may still be about to; its answer is for the thread.
        var sent: Job?
        /// The thread waits, and nothing is under way.
        var isAsleep = false
        var isClosing = false
        /// The thread has ended or is about to: jobs fail at once.
        var isGone = false
        var gate = CancelGate()
        var cancelHandle: CancelHandle?
        /// Set while connected over TLS.
        var socketToShutDown: Int32?
    }

    private let configuration: PostgresConfiguration
    private let pipe: WakePipe
    private let onEvent: @Sendable (Event) -> Void
    private let state = Mutex(State())
    /// Set while connected.
    ///
    /// Locked for long only by the thread, and only when it is not asleep.
    private let session = Mutex<PipelineSession?>(nil)

    /// - Parameter onEvent: called on the connection's thread; `closed` when that has ended.
    init(
        _ configuration: PostgresConfiguration,
        onEvent: @escaping @Sendable (Event) -> Void
    ) throws(PostgresError) {
        self.configuration = configuration
        self.pipe = try WakePipe()
        self.onEvent = onEvent
    }

    /// Connects on a new thread, `delay` from now.
    func start(after delay: Duration) {
        guard Thread.start(isJoined: true, { self.main(delay) }) else {
            onEvent(.closed(PostgresError(.connectionFailed, reason: "no thread", effect: .none)))
            return
        }
    }

    /// Runs the job after those before it; its completion is called on the connection's thread.
    /// - Returns: false when the connection is gone; the completion is then not called.
    func submit(_ job: Job) -> Bool {
        let submission: Submission = state.withLock { state in
            guard !state.isGone else { return .refused }
            state.gate.enqueue(job.ticket)
            defer { state.isAsleep = false }
            guard state.isAsleep, case .exchange(let exchange) = job.work, state.gate.begin(job.ticket) else {
                state.jobs.append(job)
                return .queued(mustWake: state.isAsleep)
            }
            state.sent = job
            return .send(exchange)
        }
        switch submission {
        case .refused: return false
        case .queued(let mustWake): if mustWake { pipe.wake() }
        case .send(let exchange):
            // Where the connection has gone meanwhile, the thread says so.
            let waitsForServer = session.withLock { $0?.send(exchange) ?? true }
            if !waitsForServer { pipe.wake() }
        }
        return true
    }

    private enum Submission {
        case refused
        case queued(mustWake: Bool)
        case send(Exchange)
    }

    /// Ends the connection after the jobs that were submitted.
    func close() {
        state.withLock { $0.isClosing = true }
        pipe.wake()
    }

    /// Stops that job, whether it runs or has not begun; one that has ended is not touched.
    ///
    /// Never blocks.
    func cancel(_ ticket: CancelGate.Ticket) {
        let handle: CancelHandle? = state.withLock { state in
            guard state.gate.cancel(ticket) else { return nil }
            if let socket = state.socketToShutDown {
                // libpq before 17 sends the cancel key in clear: the connection goes instead, and the server's
                // statement_timeout ends the statement. The thread cannot close the socket meanwhile: it needs the lock.
                shutdown(socket, Int32(SHUT_RDWR))
                state.gate.cancelReturned()
                return nil
            }
            if state.cancelHandle == nil { state.gate.cancelReturned() }
            return state.cancelHandle
        }
        guard let handle else { return }
        let isStarted = Thread.start {
            repeat {
                handle.cancel()
                self.state.withLock { $0.gate.cancelReturned() }
                self.pipe.wake()
                usleep(Self.pauseBetweenCancels)
            } while self.state.withLock { $0.gate.cancelAgain(ticket) }
        }
        if !isStarted { state.withLock { $0.gate.cancelReturned() } }
    }

    /// Microseconds until a cancel that seems to have overtaken its statement is repeated.
    private static let pauseBetweenCancels: useconds_t = 50_000

    // MARK: The connection's thread

    private func main(_ delay: Duration) {
        let end = ContinuousClock.now + delay
        while ContinuousClock.now < end, !state.withLock({ $0.isClosing }) {
            _ = pipe.wait(socket: nil, events: 0, timeout: end - .now)
        }
        do throws(PostgresError) {
            guard !state.withLock({ $0.isClosing }) else { throw PostgresError(.poolClosed, effect: .none) }
            try session.withLock { (session) throws(PostgresError) in
                session = try PipelineSession(
                    LibPQConnection.connect(
                        ConnectionParameters(configuration),
                        timeout: configuration.connectTimeout,
                        answerTimeout: configuration.answerTimeout,
                        wakeable: pipe
                    ),
                    configuration
                )
            }
            serve()
        } catch {
            finish(error)
        }
    }

    private func serve() {
        let (socket, usesTLS, cancelHandle) = session.withLock { session in
            (
                session?.connection.socket ?? -1, session?.connection.usesTLS ?? false,
                session?.connection.makeCancelHandle()
            )
        }
        state.withLock { state in
            state.cancelHandle = cancelHandle ?? nil
            state.socketToShutDown = usesTLS ? socket : nil
        }
        onEvent(.connected)
        // What a submitter sends while the thread waits does not end that wait: `answerTimeout` runs from the next look on.
        let look = configuration.answerTimeout.map { $0 / 8 }
        var error: PostgresError?
        loop: while true {
            switch nextStep() {
            case .run(let job): guard run(job, usesTLS: usesTLS) else { break loop }
            case .close: break loop
            case .wait:
                let event = pipe.wait(socket: socket, events: POLLIN, timeout: look)
                switch hear(event) {
                case .nothing: break
                case .answer(let result, let condition):
                    guard let job = state.withLock({ $0.sent }) else { break loop }
                    guard complete(job, result, condition, usesTLS: usesTLS) else { break loop }
                case .end(let reason):
                    error = PostgresError(.connectionLost, reason: reason, effect: .none)
                    break loop
                }
            }
        }
        state.withLock { state in
            state.cancelHandle = nil
            state.socketToShutDown = nil
        }
        finish(error)
    }

    private enum Step {
        case run(Job)
        case wait
        case close
    }

    private func nextStep() -> Step {
        state.withLock { state in
            if state.sent != nil { return .wait }
            if let job = state.jobs.popFirst() { return .run(job) }
            if state.isClosing { return .close }
            state.isAsleep = true
            return .wait
        }
    }

    private enum Heard {
        case nothing
        case answer(Result<[QueryResult], PostgresError>, ConnectionCondition)
        case end(reason: String)
    }

    private func hear(_ event: WakePipe.Event) -> Heard {
        withSessionOnceSent { session in
            let isOpen = event == .socket ? session?.connection.consumeInput() ?? false : true
            if session?.isUnderWay == true, let result = session?.receive() {
                return .answer(result, session?.connection.condition ?? .unusable)
            }
            // Nothing was asked, so it was a notice, a changed parameter or the end.
            return isOpen ? .nothing : .end(reason: session?.connection.lastMessage ?? "")
        }
    }

    /// The session, once whoever is still sending over it has let go.
    ///
    /// On a busy machine the server has answered by then: woken by the first byte, it ran in its submitter's stead. What
    /// the submitter needs is the processor. This thread would spin at the lock, sleep in the kernel, and be woken once
    /// more: with 64 clients at 8 connections on two cores that was 7 % of the requests answered.
    private func withSessionOnceSent(_ body: (inout sending PipelineSession?) -> sending Heard) -> Heard {
        for _ in 0..<Self.turnsGivenUp {
            if let heard = session.withLockIfAvailable(body) { return heard }
            sched_yield()
        }
        return session.withLock(body)
    }

    private static let turnsGivenUp = 8

    /// - Returns: false when the connection must be closed.
    private func run(_ job: Job, usesTLS: Bool) -> Bool {
        let isCancelled = !state.withLock { $0.gate.begin(job.ticket) }
        let (result, condition) = session.withLock { session in
            let result: Result<[QueryResult], PostgresError>? =
                switch job.work {
                case _ where isCancelled: .failure(PostgresError(.cancelled, effect: .none))
                case .exchange(let exchange): session?.run(exchange)
                case .direct(let body): session?.run(body)
                }
            return (result ?? ExchangeOutcome.neverSent.result, session?.connection.condition ?? .unusable)
        }
        guard !isCancelled else {
            job.completion(ExchangeOutcome(result: result, connection: condition))
            return true
        }
        return complete(job, result, condition, usesTLS: usesTLS)
    }

    /// - Returns: false when the connection must be closed.
    private func complete(
        _ job: Job,
        _ result: Result<[QueryResult], PostgresError>,
        _ condition: ConnectionCondition,
        usesTLS: Bool
    ) -> Bool {
        var (result, condition) = (result, condition)
        if waitForCancel() {
            if case .failure(let error) = result, error.sqlState == .queryCanceled || error.code == .connectionLost {
                result = .failure(
                    PostgresError(
                        .cancelled,
                        statement: error.statement,
                        report: error.report,
                        effect: error.effect
                    )
                )
            }
            if configuration.isBehindTransactionPooler || usesTLS { condition = .unusable }
        }
        if case .failure(let error) = result, error.code == .protocolViolation { condition = .unusable }
        state.withLock { state in
            state.sent = nil
            if condition == .unusable { state.isGone = true }
        }
        job.completion(ExchangeOutcome(result: result, connection: condition))
        return condition != .unusable
    }

    /// - Returns: whether a cancel was sent.
    private func waitForCancel() -> Bool {
        while true {
            if let wasCancelled = state.withLock({ $0.gate.finish() }) { return wasCancelled }
            _ = pipe.wait(socket: nil, events: 0, timeout: nil)
        }
    }

    private func finish(_ error: PostgresError?) {
        // Closed before anybody learns of it, so that the pool never has more than its size.
        session.withLock { $0 = nil }
        let (jobs, sent) = state.withLock { state in
            state.isGone = true
            defer { (state.jobs, state.sent) = ([], nil) }
            return (state.jobs, state.sent)
        }
        if let sent {
            _ = waitForCancel()
            sent.completion(.neverSent)
        }
        for job in jobs { job.completion(.neverSent) }
        Thread.afterThis { self.onEvent(.closed(error)) }
    }
}

extension ExchangeOutcome {
    static let neverSent = ExchangeOutcome(
        result: .failure(PostgresError(.connectionLost, reason: "before anything was sent", effect: .none)),
        connection: .unusable
    )
}
