internal import Metrics
internal import NIOCore
internal import NIOPosix
public import Logging
public import Primitives
public import ServiceLifecycle
internal import Synchronization

/// One connection to Redis that all tasks share.
///
/// Commands of tasks that run at the same time travel in one write. While there is no connection they fail at once, so
/// that callers can fall back; `run` sees to it that it comes back.
public final class RedisClient: Service, Sendable {
    fileprivate struct State {
        var pipeline: RedisPipeline<PendingReply>
        var connection: RedisConnection?
        var timer: Scheduled<Void>?
        var standing: RedisState
        var observers: [Int: AsyncStream<RedisState>.Continuation] = [:]
        var observerCount = 0
    }

    public let configuration: RedisConfiguration
    let connector: RedisConnector
    let logger: Logger
    private let clock: WallClock
    private let state: Mutex<State>
    private let losses = Counter(label: "redis_connections_lost_total")
    private let timeouts = Counter(label: "redis_commands_timed_out_total")

    public convenience init(
        configuration: RedisConfiguration,
        logger: Logger,
        clock: WallClock = .system
    ) throws(RedisError) {
        try self.init(
            configuration: configuration,
            on: MultiThreadedEventLoopGroup.singleton.any(),
            logger: logger,
            clock: clock
        )
    }

    init(
        configuration: RedisConfiguration,
        on eventLoop: any EventLoop,
        logger: Logger,
        clock: WallClock = .system
    ) throws(RedisError) {
        self.configuration = configuration
        self.logger = logger
        self.clock = clock
        connector = try RedisConnector(configuration, on: eventLoop)
        state = Mutex(
            State(
                pipeline: RedisPipeline(
                    limit: configuration.inFlightLimit,
                    stallTimeout: configuration.stallTimeout
                ),
                standing: .reconnecting(since: clock.now(), reason: nil)
            )
        )
    }

    /// Keeps the connection until the task is cancelled (at once: what waits fails) or a graceful shutdown begins (what
    /// waits may finish within its time-out).
    public func run() async {
        await withGracefulShutdownHandler {
            await connector.keepConnected(self)
        } onGracefulShutdown: {
            self.shutDown()
        }
        shutDown()
    }

    public var standing: RedisState {
        state.withLock { $0.standing }
    }

    /// The standing now and after each change; a slow reader sees only the newest.
    public func standings() -> AsyncStream<RedisState> {
        let (stream, continuation) = AsyncStream.makeStream(of: RedisState.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            continuation.yield(state.standing)
            state.observerCount += 1
            state.observers[state.observerCount] = continuation
            return state.observerCount
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.observers[id] = nil }
        }
        return stream
    }

    /// Sends a command and waits for its reply.
    ///
    /// A cancelled task stops waiting; the command may have run or not.
    /// - Parameter timeout: How long to wait; the configuration's unless given.
    /// - Throws: `RedisError`, or `CancellationError`.
    public func send(_ command: RedisCommand, timeout: Duration? = nil) async throws -> RedisValue {
        let bytes = try command.encoded()
        let reply = PendingReply()
        let value = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard reply.wait(with: continuation) else { return }
                submit(bytes, timeout: timeout ?? configuration.commandTimeout, reply)
            }
        } onCancel: {
            reply.resume(with: .failure(CancellationError()))
        }
        if case .error(let text) = value { throw RedisError(reply: text) }
        return value
    }

    private func submit(_ bytes: [UInt8], timeout: Duration, _ reply: PendingReply) {
        let now = ContinuousClock.now
        let submission = state.withLock { state in
            let submission = state.pipeline.submit(bytes, deadline: now + timeout, now: now, waiter: reply)
            if case .accepted(_, let timer?) = submission { arm(timer, &state) }
            return submission
        }
        switch submission {
        case .refused(let kind):
            reply.fail(kind)
        case .accepted(let flush, _):
            if flush { connector.eventLoop.execute { self.flush() } }
        }
    }

    /// Writes what waits to be written; on the event loop.
    private func flush() {
        let (connection, commands) = state.withLock { state -> (RedisConnection?, [[UInt8]]) in
            // A socket that takes no more is left alone until `becameWritable`.
            guard let connection = state.connection, connection.isWritable else { return (nil, []) }
            return (connection, state.pipeline.takeUnsent())
        }
        connection?.write(commands)
    }

    /// Under the lock, so that of two timers the one that the pipeline asked for last stays.
    private func arm(_ instant: ContinuousClock.Instant, _ state: inout State) {
        state.timer?.cancel()
        let delay = TimeAmount(ContinuousClock.now.duration(to: instant))
        state.timer = connector.eventLoop.scheduleTask(in: delay) { self.expire() }
    }

    private func expire() {
        let expiry = state.withLock { state in
            let expiry = state.pipeline.expire(now: .now)
            if let timer = expiry.timer { arm(timer, &state) }
            return expiry
        }
        if !expiry.timedOut.isEmpty {
            timeouts.increment(by: Int64(expiry.timedOut.count))
            for reply in expiry.timedOut { reply.fail(.timedOut) }
        }
        if expiry.isStalled { return disconnected(RedisError(.timedOut)) }
        closeIfDrained()
    }

    private func shutDown() {
        state.withLock { state in
            state.pipeline.shutDown()
            state.change(to: .shutDown)
        }
        closeIfDrained()
    }

    private func closeIfDrained() {
        let connection = state.withLock { $0.pipeline.isDrained ? $0.connection : nil }
        connection?.close()
    }
}

extension RedisClient: RedisConnectionOwner {
    func connected(_ connection: RedisConnection) {
        let isWanted = state.withLock { state in
            guard state.pipeline.connect() else { return false }
            state.connection = connection
            state.change(to: .connected)
            return true
        }
        guard isWanted else { return connection.close() }
        logger.info("redis: connected")
    }

    func disconnected(_ error: RedisError) {
        let (lost, connection, isNews) = state.withLock { state in
            let lost = state.pipeline.disconnect()
            let connection = state.connection
            state.connection = nil
            let isNews = state.lose(error.kind, at: clock.now())
            return (lost, connection, isNews)
        }
        connection?.close()
        for reply in lost { reply.fail(.connectionLost) }
        if connection != nil { losses.increment() }
        if isNews { logger.warning("redis: not connected", error: error) }
    }

    func received(_ replies: [RedisValue]) {
        let now = ContinuousClock.now
        let matches = state.withLock { state in replies.map { _ in state.pipeline.receive(now: now) } }
        for (reply, match) in zip(replies, matches) {
            switch match {
            case .deliver(let waiter): waiter.resume(with: .success(reply))
            case .drop: break
            case .unexpected: disconnected(RedisError(.protocolViolation))
            }
        }
        closeIfDrained()
    }

    func becameWritable() {
        flush()
    }
}

extension RedisClient.State {
    fileprivate mutating func change(to new: RedisState) {
        guard standing != new else { return }
        standing = new
        for observer in observers.values { observer.yield(new) }
    }

    /// Whether that is something new.
    fileprivate mutating func lose(_ reason: RedisError.Kind, at time: Timestamp) -> Bool {
        let old = standing
        switch standing {
        case .shutDown: break
        case .connected: change(to: .reconnecting(since: time, reason: reason))
        case .reconnecting(let since, let before):
            // After a lost connection comes the reason why there is no new one, which says more.
            change(to: .reconnecting(since: since, reason: reason == .connectionLost ? before : reason))
        }
        return standing != old
    }
}
