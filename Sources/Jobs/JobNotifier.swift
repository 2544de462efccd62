public import Redis
public import ServiceLifecycle
internal import Primitives
internal import Synchronization

/// Tells workers, here and in other processes, that a queue has something to do.
///
/// Only quicker: what it does not tell is found by looking, within a second. So it is called after the commit, waits for
/// nothing, and a Redis that is away is no failure. However often it is called, a queue is told of at most 20 times a
/// second.
public final class JobNotifier: Service {
    private static let channel = "jobs"
    /// The least time between two messages about a queue.
    private static let pause = Duration.milliseconds(50)

    private let redis: RedisClient
    private let workers: [JobWorker]
    private let pending = Mutex<Set<JobQueue>>([])
    private let wakeUp = WakeUp()

    /// - Parameter workers: of this process; none where it does no jobs itself.
    public init(redis: RedisClient, workers: [JobWorker]) {
        self.redis = redis
        self.workers = workers
    }

    /// To be called once the transaction that enqueued has committed.
    public func notify(_ queue: JobQueue) {
        for worker in workers { worker.poke(queue) }
        pending.withLock { _ = $0.insert(queue) }
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
            let queues = pending.withLock { pending in
                defer { pending = [] }
                return pending
            }
            for queue in queues {
                // Whoever does not hear of it looks by itself.
                _ = try? await redis.publish(Array(queue.rawValue.utf8), to: Self.channel)
            }
            // Many commits at once are told of once.
            if !queues.isEmpty { try? await Task.sleep(for: Self.pause) }
            await wakeUp.wait(atMost: .seconds(60))
        }
    }

    private func listen() async {
        guard !workers.isEmpty else { return }
        do {
            try await redis.withSubscription(to: [Self.channel]) { messages in
                for await message in messages {
                    switch message {
                    case .gap: for worker in workers { worker.pokeAll() }
                    case .message(_, let name):
                        let queue = JobQueue(rawValue: String(decoding: name, as: UTF8.self))
                        for worker in workers { worker.poke(queue) }
                    }
                }
            }
        } catch {
            // Only a command that cannot be written, and the end of the process; workers go on looking.
            return
        }
    }
}
