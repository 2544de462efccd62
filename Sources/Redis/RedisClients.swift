internal import NIOCore
internal import NIOPosix
public import Logging
public import ServiceLifecycle

/// A client on each event loop: whoever asks Redis on one is answered there, without a change of threads.
///
/// Each connection is of its own; they share nothing but Redis.
public final class RedisClients: Service {
    /// For whoever is on none of the event loops, and for what one connection does for all.
    public let first: RedisClient
    /// The others, by the event loop on which their connection lives.
    private let others: [ObjectIdentifier: RedisClient]
    private var all: [RedisClient] { [first] + others.values }

    public init(configuration: RedisConfiguration, logger: Logger) throws(RedisError) {
        let loops = MultiThreadedEventLoopGroup.singleton
        let firstLoop = loops.next()
        first = try RedisClient(configuration: configuration, on: firstLoop, logger: logger)
        var others: [ObjectIdentifier: RedisClient] = [:]
        for loop in loops.makeIterator() where loop !== firstLoop {
            others[ObjectIdentifier(loop)] = try RedisClient(configuration: configuration, on: loop, logger: logger)
        }
        self.others = others
    }

    /// That of the event loop on which the caller runs.
    public var nearest: RedisClient {
        MultiThreadedEventLoopGroup.currentEventLoop.flatMap { others[ObjectIdentifier($0)] } ?? first
    }

    /// Whether each has its connection.
    public var isConnected: Bool {
        all.allSatisfy { if case .connected = $0.standing { true } else { false } }
    }

    public func run() async {
        await withDiscardingTaskGroup { group in
            for client in all { group.addTask { await client.run() } }
        }
    }
}
