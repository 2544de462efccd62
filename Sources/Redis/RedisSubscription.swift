internal import Logging
internal import NIOCore
internal import Synchronization

/// The messages of some channels, as they come, with `.gap` wherever some may be missing.
///
/// For one reader. It ends when its task is cancelled or the process shuts down.
public struct RedisSubscription: AsyncSequence, Sendable {
    public typealias Element = RedisMessage

    let subscriber: RedisSubscriber

    public func makeAsyncIterator() -> Iterator {
        Iterator(subscriber: subscriber)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let subscriber: RedisSubscriber

        public func next() async -> RedisMessage? {
            await subscriber.next()
        }
    }
}

extension RedisClient {
    /// Subscribes to channels, on a connection of its own, for as long as `body` runs.
    ///
    /// - Parameter capacity: How many messages may wait for the reader.
    public func withSubscription<Result: Sendable>(
        to channels: [String],
        capacity: Int = 1024,
        _ body: (RedisSubscription) async throws -> Result
    ) async throws -> Result {
        let subscriber = try RedisSubscriber(channels, capacity: capacity, configuration: configuration, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await self.connector.keepConnected(subscriber)
                subscriber.finish()
            }
            defer { group.cancelAll() }
            return try await body(RedisSubscription(subscriber: subscriber))
        }
    }
}

/// A connection in subscriber mode and the mailbox that it fills.
final class RedisSubscriber: RedisConnectionOwner {
    private typealias Reader = CheckedContinuation<RedisMessage?, Never>

    private struct State {
        var mailbox: RedisMailbox<Reader>
        var pings: RepeatedTask?
        /// Whether anything came since the last PING.
        var isAlive = true
    }

    private let channelCount: Int
    private let subscribe: [UInt8]
    private let ping: [UInt8]
    private let interval: Duration
    private let logger: Logger
    private let state: Mutex<State>

    init(
        _ channels: [String],
        capacity: Int,
        configuration: RedisConfiguration,
        logger: Logger
    ) throws(RedisError) {
        channelCount = channels.count
        subscribe = try RedisCommand("SUBSCRIBE", channels.map { RedisArgument($0) }).encoded()
        ping = try RedisCommand("PING").encoded()
        interval = configuration.stallTimeout
        self.logger = logger
        state = Mutex(State(mailbox: RedisMailbox(capacity: capacity)))
    }

    func next() async -> RedisMessage? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { reader in
                switch state.withLock({ $0.mailbox.take(waiter: reader) }) {
                case .message(let message): reader.resume(returning: message)
                case .finished: reader.resume(returning: nil)
                case .wait: break
                }
            }
        } onCancel: {
            finish()
        }
    }

    func finish() {
        state.withLock { $0.mailbox.finish() }?.resume(returning: nil)
    }

    private func put(_ message: RedisMessage) {
        guard let (reader, message) = state.withLock({ $0.mailbox.put(message) }) else { return }
        reader.resume(returning: message)
    }

    func connected(_ connection: RedisConnection) {
        connection.write([subscribe])
        // Nothing else would tell a silent channel from a dead connection.
        let interval = TimeAmount(interval)
        let pings = connection.channel.eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) { _ in
            let isAlive = self.state.withLock { state in
                defer { state.isAlive = false }
                return state.isAlive
            }
            if isAlive { connection.write([self.ping]) } else { connection.close() }
        }
        state.withLock { state in
            state.pings = pings
            state.isAlive = true
        }
    }

    func disconnected(_ error: RedisError) {
        let pings = state.withLock { state in
            defer { state.pings = nil }
            return state.pings
        }
        pings?.cancel()
        logger.debug("redis: subscription not connected", metadata: ["reason": "\(error)"])
    }

    func received(_ replies: [RedisValue]) {
        state.withLock { $0.isAlive = true }
        for reply in replies {
            guard case .array(let parts) = reply, case .bytes(let kind)? = parts.first else { continue }
            switch (String(decoding: kind, as: UTF8.self), parts.dropFirst().first, parts.last) {
            case ("message", .bytes(let channel), .bytes(let payload)):
                put(.message(channel: String(decoding: channel, as: UTF8.self), payload: payload))
            case ("subscribe", _, .integer(channelCount)):
                // The last channel's confirmation: all are heard from here on.
                put(.gap)
            default: break
            }
        }
    }

    func becameWritable() {}
}
