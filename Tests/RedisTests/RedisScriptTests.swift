internal import Redis
internal import TestSupport
internal import Testing

@Suite("Scripts")
struct RedisScriptTests {
    private let script = RedisScript("return {KEYS[1], ARGV[1], redis.call('INCR', KEYS[1])}")

    @Test("A script gets its keys and arguments, and survives that Redis forgets it")
    func reload() async throws {
        let server = try TestRedisServer()
        try await TestRedis.withClient(server.configuration) { client in
            let key = RedisKey(tag: "t", "counter")
            for expected in 1...2 {
                let reply = try await client.run(script, keys: [key], arguments: ["a b"])
                #expect(
                    reply == .array([.bytes(Array("{t}counter".utf8)), .bytes(Array("a b".utf8)), .integer(expected)])
                )
            }
            _ = try await client.send(RedisCommand("SCRIPT", ["FLUSH"]))
            #expect(try await client.run(script, keys: [key], arguments: ["x"]).array.last == .integer(3))
            _ = try await client.send(RedisCommand("FLUSHALL"))
            #expect(try await client.run(script, keys: [key], arguments: ["x"]).array.last == .integer(1))
            server.kill()
            try await client.waitUntil { $0 != .connected }
            try server.start()
            try await client.waitUntil { $0 == .connected }
            #expect(try await client.run(script, keys: [key], arguments: ["x"]).array.last == .integer(1))
        }
    }

    @Test("Many tasks that run a script which Redis does not know all run it once each")
    func concurrentLoad() async throws {
        try await TestRedis.withClient { client in
            let key = RedisKey(tag: TestRedis.uniqueTag(), "counter")
            let counts = try await withThrowingTaskGroup(of: RedisValue?.self) { group in
                for _ in 0..<200 {
                    group.addTask { try await client.run(script, keys: [key], arguments: ["x"]).array.last }
                }
                return try await group.reduce(into: Set<RedisValue?>()) { $0.insert($1) }
            }
            #expect(counts == Set((1...200).map { RedisValue.integer($0) }))
            try await client.delete([key])
        }
    }

    @Test("A script's error is thrown")
    func failure() async throws {
        try await TestRedis.withClient { client in
            await #expect(throws: RedisError.self) {
                try await client.run(RedisScript("return redis.error_reply('MYCODE no')"), keys: [])
            }
        }
    }
}
