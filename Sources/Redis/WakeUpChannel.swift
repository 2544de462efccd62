internal import FoundationEssentials
public import Primitives
public import ServiceLifecycle
internal import Synchronization

/// Wakes loops, here and in other processes, that have something new to look at.
///
/// Only quicker: what it does not tell is found by looking, at the loop's own pace. So it waits for nothing, and a Redis
/// that is away is no failure. However often it is called, other processes are told of a topic at most 20 times a second.
public final class WakeUpChannel: Service {
    private struct State {
        var listeners: [WakeUpTopic: [@Sendable () -> Void]] = [:]
        /// To be told to the other processes.
        var untold: Set<WakeUpTopic> = []
    }

    static let name = "wake-ups"
    /// The least time between two messages about a topic.
    private static let pause = Duration.milliseconds(50)

    private let redis: RedisClient
    /// Stands before the topic in a message: whoever sent it has woken its own loops.
    private let sender = "\(UUID()) "
    private let state = Mutex(State())
    private let wakeUp = WakeUp()

    public init(redis: RedisClient) {
        self.redis = redis
    }

    /// To be called before the channel runs.
    /// - Parameter action: called on any thread, also when nothing is new; must not block.
    public func listen(to topic: WakeUpTopic, _ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.listeners[topic, default: []].append(action) }
    }

    /// To be called once what is new has been committed.
    public func wake(_ topic: WakeUpTopic) {
        let listeners = state.withLock { state in
            state.untold.insert(topic)
            return state.listeners[topic]
        }
        listeners?.forEach { $0() }
        wakeUp.poke()
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.listen() }
                await self.publish()
                group.cancelAll()
            }
        }
    }

    private func publish() async {
        while !Task.isCancelled {
            let topics = state.withLock { state in
                defer { state.untold = [] }
                return state.untold
            }
            for topic in topics {
                // Whoever does not hear of it looks by itself.
                _ = try? await redis.publish(Array((sender + topic.rawValue).utf8), to: Self.name)
            }
            // Many commits at once are told of once.
            if !topics.isEmpty { try? await Task.sleep(for: Self.pause) }
            await wakeUp.wait(atMost: .seconds(60))
        }
    }

    private func listen() async {
        let listeners = state.withLock { $0.listeners }
        guard !listeners.isEmpty else { return }
        do {
            try await redis.withSubscription(to: [Self.name]) { messages in
                for await message in messages {
                    switch message {
                    case .gap: listeners.values.joined().forEach { $0() }
                    case .message(_, let payload):
                        let message = String(decoding: payload, as: UTF8.self)
                        guard !message.hasPrefix(sender) else { continue }
                        listeners[WakeUpTopic(rawValue: String(message.dropFirst(sender.count)))]?.forEach { $0() }
                    }
                }
            }
        } catch {
            // Only a command that cannot be written, and the end of the process; loops go on looking.
            return
        }
    }
}
