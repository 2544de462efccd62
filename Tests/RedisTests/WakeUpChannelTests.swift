internal import Primitives
internal import Synchronization
internal import TestSupport
internal import Testing

@testable internal import Redis

@Suite("Waking loops")
struct WakeUpChannelTests {
    private static let topic = WakeUpTopic(rawValue: "test/news")

    /// Counts how often it was woken, and lets one task wait for the next time.
    private final class Loop: Sendable {
        let count = Atomic(0)
        private let (calls, call) = AsyncStream.makeStream(of: Void.self)

        func wake() {
            count.add(1, ordering: .relaxed)
            call.yield()
        }

        func wait() async {
            for await _ in calls { break }
        }
    }

    @Test("A loop of another process hears of its own topic, of the others only that something was missed")
    func hears() async throws {
        let server = try TestRedisServer()
        try await TestRedis.withClient(server.configuration) { redis in
            let (own, other) = (Loop(), Loop())
            let (here, there) = (WakeUpChannel(redis: redis), WakeUpChannel(redis: redis))
            there.listen(to: Self.topic, own.wake)
            there.listen(to: WakeUpTopic(rawValue: "test/other"), other.wake)
            try await whileRunning([here, there], logger: .silent) {
                // Subscribing is a gap: whatever was told before may have been missed.
                await own.wait()
                await other.wait()
                for _ in 1...20 {
                    here.wake(Self.topic)
                    await own.wait()
                }
                #expect(other.count.load(ordering: .relaxed) == 1)
                server.kill()
                try server.start()
                await other.wait()
            }
        }
    }

    @Test("What is told often is told to others few times, and here each time, with or without Redis")
    func debounces() async throws {
        let server = try TestRedisServer()
        try await TestRedis.withClient(server.configuration) { redis in
            let loop = Loop()
            let channel = WakeUpChannel(redis: redis)
            channel.listen(to: Self.topic, loop.wake)
            try await redis.withSubscription(to: [WakeUpChannel.name]) { messages in
                let messages = messages.makeAsyncIterator()
                #expect(await messages.next() == .gap)
                try await whileRunning([channel], logger: .silent) {
                    for _ in 0..<10_000 { channel.wake(Self.topic) }
                    let message = await messages.next()
                    guard case .message(_, let payload)? = message else { throw NoMessage() }
                    #expect(String(decoding: payload, as: UTF8.self).hasSuffix(" \(Self.topic.rawValue)"))
                    // The last of them is told too, if it came during the pause; then nothing but this.
                    let end = WakeUpTopic(rawValue: "test/end")
                    channel.wake(end)
                    var told = 1
                    while let next = await messages.next(), next == message { told += 1 }
                    #expect(told < 100)
                }
            }
            // And once for what it may have missed before it was subscribed.
            #expect([10_000, 10_001].contains(loop.count.load(ordering: .relaxed)))
        }
    }

    private struct NoMessage: Error {}
}
