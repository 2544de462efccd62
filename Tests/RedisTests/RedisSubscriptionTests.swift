internal import Redis
internal import TestSupport
internal import Testing

@Suite("Subscriptions")
struct RedisSubscriptionTests {
    @Test("Messages of all channels come, after the gap with which each subscription begins")
    func messages() async throws {
        try await TestRedis.withClient { client in
            let channels = [TestRedis.uniqueTag(), TestRedis.uniqueTag()]
            try await client.withSubscription(to: channels) { subscription in
                let messages = subscription.makeAsyncIterator()
                #expect(await messages.next() == .gap)
                for number in UInt8(0)..<100 {
                    let channel = channels[Int(number) % 2]
                    let receivers = try await client.publish([number, 0, 0xFF], to: channel)
                    #expect(receivers == 1)
                    #expect(await messages.next() == .message(channel: channel, payload: [number, 0, 0xFF]))
                }
            }
            // The connection ends with the body.
            for channel in channels {
                while try await client.publish([], to: channel) != 0 {}
            }
        }
    }

    @Test("A restart of Redis is a gap, after which messages come again")
    func restart() async throws {
        let server = try TestRedisServer()
        try await TestRedis.withClient(server.configuration) { client in
            try await client.withSubscription(to: ["news"]) { subscription in
                let messages = subscription.makeAsyncIterator()
                #expect(await messages.next() == .gap)
                try await client.publish([1], to: "news")
                #expect(await messages.next() == .message(channel: "news", payload: [1]))
                server.kill()
                try server.start()
                #expect(await messages.next() == .gap)
                try await client.waitUntil { $0 == .connected }
                try await client.publish([2], to: "news")
                #expect(await messages.next() == .message(channel: "news", payload: [2]))
            }
        }
    }

    @Test("A reader that is too slow finds a gap instead of ever more messages")
    func overflow() async throws {
        try await TestRedis.withClient { client in
            let channel = TestRedis.uniqueTag()
            try await client.withSubscription(to: [channel], capacity: 10) { subscription in
                let messages = subscription.makeAsyncIterator()
                #expect(await messages.next() == .gap)
                for number in UInt8(0)..<100 { try await client.publish([number], to: channel) }
                var read: [RedisMessage] = []
                while read.last != .message(channel: channel, payload: [99]), let message = await messages.next() {
                    read.append(message)
                }
                #expect(read.contains(.gap))
                #expect(read.count <= 40)
            }
        }
    }

    @Test("A cancelled reader's sequence ends")
    func cancellation() async throws {
        try await TestRedis.withClient { client in
            let channel = TestRedis.uniqueTag()
            let (subscribed, signal) = AsyncStream.makeStream(of: Void.self)
            let reader = Task {
                try await client.withSubscription(to: [channel]) { subscription in
                    for await message in subscription where message == .gap { signal.yield() }
                }
            }
            for await _ in subscribed { break }
            reader.cancel()
            try await reader.value
        }
    }
}
