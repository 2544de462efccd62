internal import Logging
internal import Primitives
internal import Redis
internal import ServiceLifecycle
internal import TestSupport
internal import Testing

@Suite("The client with a real Redis")
struct RedisClientTests {
    private func kind(_ body: () async throws -> some Sendable) async -> RedisError.Kind? {
        do {
            _ = try await body()
            return nil
        } catch {
            return (error as? RedisError)?.kind
        }
    }

    @Test("Values come back as they were set, whatever their bytes")
    func values() async throws {
        try await TestRedis.withClient { client in
            let key = RedisKey(tag: TestRedis.uniqueTag(), "value")
            #expect(try await client.get(key) == nil)
            let value: [UInt8] = Array(0...255) + Array("\r\n$5\r\n".utf8)
            #expect(try await client.set(key, value))
            #expect(try await client.get(key) == value)
            #expect(try await !client.set(key, [1], onlyIfAbsent: true))
            #expect(try await client.get(key) == value)
            #expect(try await client.delete([key]) == 1)
            #expect(try await client.set(key, [], lifetime: .seconds(60), onlyIfAbsent: true))
            #expect(try await client.get(key) == [])
            let lifetime = try await client.send(RedisCommand("PTTL", [RedisArgument(key)])).integer
            #expect((1...60_000).contains(lifetime))
            #expect(try await client.delete([key, RedisKey(tag: key.tag, "other")]) == 1)
        }
    }

    @Test("Ten thousand commands at once get each its own reply")
    func concurrency() async throws {
        try await TestRedis.withClient { client in
            let wrong = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<10_000 {
                    group.addTask {
                        let text = Array("reply \(number)".utf8)
                        return try await client.send(RedisCommand("ECHO", [RedisArgument(text)]), timeout: .seconds(20))
                            != .bytes(text)
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(wrong == 0)
        }
    }

    @Test("Replies of a megabyte come whole, between small ones")
    func largeReplies() async throws {
        try await TestRedis.withClient { client in
            let large = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let expected = number.isMultiple(of: 2) ? large : [UInt8(number)]
                        let command = RedisCommand("ECHO", [RedisArgument(expected)])
                        let reply = try await client.send(command, timeout: .seconds(20))
                        #expect(reply == .bytes(expected))
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("An error of Redis is thrown with its code, and the connection goes on")
    func refusal() async throws {
        try await TestRedis.withClient { client in
            let key = RedisKey(tag: TestRedis.uniqueTag(), "text")
            try await client.set(key, Array("text".utf8), lifetime: .seconds(60))
            #expect(
                await kind { try await client.send(RedisCommand("INCR", [RedisArgument(key)])) }
                    == .refused(code: "ERR")
            )
            #expect(
                await kind { try await client.send(RedisCommand("LPOP", [RedisArgument(key)])) }
                    == .refused(code: "WRONGTYPE")
            )
            #expect(try await client.get(key) == Array("text".utf8))
        }
    }

    @Test("A selected database is kept apart")
    func database() async throws {
        let url = "redis://127.0.0.1:\(try TestRedis.configuration().port)/9"
        let key = RedisKey(tag: TestRedis.uniqueTag(), "database")
        try await TestRedis.withClient(TestRedis.configuration(url: url)) { client in
            try await client.set(key, [9], lifetime: .seconds(60))
        }
        try await TestRedis.withClient { (client) async throws in #expect(try await client.get(key) == nil) }
        try await TestRedis.withClient(TestRedis.configuration(url: url)) { (client) async throws in
            #expect(try await client.get(key) == [9])
        }
    }

    @Test("A killed server fails what waits; a new one on its port serves the same client")
    func restart() async throws {
        let server = try TestRedisServer()
        try await TestRedis.withClient(server.configuration) { client in
            let pending = Task {
                try await client.send(RedisCommand("BLPOP", ["{t}never", "0"]), timeout: .seconds(60))
            }
            try await client.waitUntilBlocked()
            server.kill()
            #expect(await kind { try await pending.value } == .connectionLost)
            try await client.waitUntil { if case .reconnecting(_, .unavailable?) = $0 { true } else { false } }
            #expect(await kind { try await client.send(RedisCommand("PING")) } == .unavailable)
            try server.start()
            try await client.waitUntil { $0 == .connected }
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
        }
    }

    @Test("Of hundreds of clients that came too early, every one finds the server when it is there")
    func lateServer() async throws {
        let server = try TestRedisServer()
        server.kill()
        let configuration = try TestRedis.configuration(url: "redis://127.0.0.1:\(server.port)")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let clients = try (0..<300).map { _ in try RedisClient(configuration: configuration, logger: logger) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in clients { group.addTask { await client.run() } }
            defer { group.cancelAll() }
            for client in clients {
                try await client.waitUntil { if case .reconnecting(_, reason: .some) = $0 { true } else { false } }
            }
            try server.start()
            for client in clients { try await client.waitUntil { $0 == .connected } }
        }
    }

    @Test("Under load a server is killed and restarted, and no command hangs or gets another's reply")
    func restartUnderLoad() async throws {
        let server = try TestRedisServer()
        try await TestRedis.withClient(server.configuration) { client in
            let (signals, signal) = AsyncStream.makeStream(of: Int.self)
            let wrong = await withTaskGroup(of: Int.self) { group in
                for worker in 0..<50 {
                    group.addTask {
                        var wrong = 0
                        for round in 0..<400 {
                            let text = Array("\(worker) \(round)".utf8)
                            let value = try? await client.send(RedisCommand("ECHO", [RedisArgument(text)]))
                            if let value, value != .bytes(text) { wrong += 1 }
                            if worker == 0, round == 20 { signal.yield(round) }
                        }
                        return wrong
                    }
                }
                group.addTask {
                    _ = await signals.contains { _ in true }
                    server.kill()
                    return (try? server.start()) == nil ? 1 : 0
                }
                return await group.reduce(0, +)
            }
            #expect(wrong == 0)
            try await client.waitUntil { $0 == .connected }
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
        }
    }

    @Test("A time-out fails its command and does not shift the replies after it")
    func timeout() async throws {
        let server = try TestRedisServer()
        try await TestRedis.withClient(server.configuration) { (client) async throws in
            let slow = Task {
                try await client.send(RedisCommand("DEBUG", ["SLEEP", "1.5"]), timeout: .milliseconds(50))
            }
            #expect(await kind { try await slow.value } == .timedOut)
            // While Redis still sleeps.
            let late = Task { try await client.send(RedisCommand("ECHO", ["late"]), timeout: .milliseconds(20)) }
            #expect(await kind { try await late.value } == .timedOut)
            #expect(
                try await client.send(RedisCommand("ECHO", ["next"]), timeout: .seconds(5))
                    == .bytes(Array("next".utf8))
            )
            #expect(client.standing == .connected)
        }
    }

    @Test("A stalled connection is closed and opened anew")
    func stall() async throws {
        let server = try TestRedisServer()
        var configuration = try server.configuration
        configuration.stallTimeout = .milliseconds(300)
        try await TestRedis.withClient(configuration) { client in
            let started = ContinuousClock.now
            let pending = Task {
                try await client.send(RedisCommand("BLPOP", ["{t}never", "0"]), timeout: .seconds(60))
            }
            #expect(await kind { try await pending.value } == .connectionLost)
            #expect(started.duration(to: .now) < .seconds(10))
            try await client.waitUntil { $0 == .connected }
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
        }
    }

    @Test("A full queue refuses, and serves again when replies came")
    func overload() async throws {
        let server = try TestRedisServer()
        var configuration = try server.configuration
        configuration.inFlightLimit = 10
        try await TestRedis.withClient(configuration) { (client) async throws in
            let outcomes = await withTaskGroup(of: RedisError.Kind?.self) { group in
                for _ in 0..<30 {
                    group.addTask {
                        await kind {
                            try await client.send(RedisCommand("DEBUG", ["SLEEP", "0.05"]), timeout: .seconds(10))
                        }
                    }
                }
                return await group.reduce(into: [RedisError.Kind?]()) { $0.append($1) }
            }
            #expect(outcomes.contains(.overloaded))
            #expect(outcomes.contains(nil))
            #expect(outcomes.allSatisfy { $0 == nil || $0 == .overloaded })
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
        }
    }

    @Test("A cancelled task stops waiting, and the others' replies stay theirs")
    func cancellation() async throws {
        let server = try TestRedisServer()
        try await TestRedis.withClient(server.configuration) { client in
            let cancelled = Task {
                try await client.send(RedisCommand("BLPOP", ["{t}list", "0"]), timeout: .seconds(60))
            }
            try await client.waitUntilBlocked()
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            let next = Task { try await client.send(RedisCommand("ECHO", ["next"]), timeout: .seconds(20)) }
            try await TestRedis.withClient(server.configuration) { other in
                _ = try await other.send(RedisCommand("RPUSH", ["{t}list", "x"]))
            }
            #expect(try await next.value == .bytes(Array("next".utf8)))
        }
    }

    @Test("A wrong password keeps the client out, and is named as the reason")
    func wrongPassword() async throws {
        let server = try TestRedisServer(["--requirepass", "right"])
        try await TestRedis.withClient(server.configuration(user: ":right@")) { (client) async throws in
            #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
        }
        for (user, code) in [(":wrong@", "WRONGPASS"), ("", "NOAUTH"), ("nobody:right@", "WRONGPASS")] {
            let client = try RedisClient(configuration: server.configuration(user: user), logger: .silent)
            let run = Task { await client.run() }
            try await client.waitUntil {
                if case .reconnecting(_, .refused(code)?) = $0 { true } else { false }
            }
            #expect(await kind { try await client.send(RedisCommand("PING")) } == .unavailable)
            run.cancel()
            await run.value
            #expect(await kind { try await client.send(RedisCommand("PING")) } == .shutDown)
        }
    }

    @Test("A graceful shutdown lets finish what waits, takes nothing new and ends")
    func gracefulShutdown() async throws {
        let server = try TestRedisServer()
        let client = try RedisClient(configuration: server.configuration, logger: .silent)
        let services = ServiceGroup(services: [client], logger: .silent)
        let run = Task { try await services.run() }
        try await client.waitUntil { $0 == .connected }
        let pending = Task { try await client.send(RedisCommand("BLPOP", ["{t}list", "0"]), timeout: .seconds(20)) }
        try await client.waitUntilBlocked()
        await services.triggerGracefulShutdown()
        try await client.waitUntil { $0 == .shutDown }
        #expect(await kind { try await client.send(RedisCommand("PING")) } == .shutDown)
        try await TestRedis.withClient(server.configuration) { other in
            _ = try await other.send(RedisCommand("RPUSH", ["{t}list", "x"]))
        }
        #expect(try await pending.value.array.last == .bytes([0x78]))
        try await run.value
        #expect(client.standing == .shutDown)
        #expect(await kind { try await client.send(RedisCommand("PING")) } == .shutDown)
    }

    @Test("A client without a server ends at once when told")
    func shutdownWithoutServer() async throws {
        let server = try TestRedisServer()
        server.kill()
        let client = try RedisClient(configuration: server.configuration, logger: .silent)
        let services = ServiceGroup(services: [client], logger: .silent)
        let run = Task { try await services.run() }
        try await client.waitUntil { if case .reconnecting(_, .unavailable?) = $0 { true } else { false } }
        await services.triggerGracefulShutdown()
        try await run.value
        #expect(client.standing == .shutDown)
    }

    @Test("TLS with a certificate that we trust works; one that we do not trust keeps us out")
    func tls() async throws {
        let certificate = try TestCertificate()
        let server = try TestRedisServer([
            "--port", "0", "--tls-port", "PORT", "--tls-auth-clients", "no", "--tls-cert-file",
            certificate.certificateFile,
            "--tls-key-file", certificate.keyFile,
        ])
        var configuration = try TestRedis.configuration(url: "rediss://127.0.0.1:\(server.port)")
        let stranger = try RedisClient(configuration: configuration, logger: .silent)
        let run = Task { await stranger.run() }
        try await stranger.waitUntil { if case .reconnecting(_, .unavailable?) = $0 { true } else { false } }
        run.cancel()
        await run.value
        configuration.certificateAuthorityFile = certificate.certificateFile
        try await TestRedis.withClient(configuration) { (client) async throws in
            let large = [UInt8](repeating: 7, count: 300_000)
            #expect(try await client.send(RedisCommand("ECHO", [RedisArgument(large)])) == .bytes(large))
        }
        configuration.certificateAuthorityFile = "/nonexistent"
        #expect(await kind { try RedisClient(configuration: configuration, logger: .silent) } == .malformedCertificates)
    }
}
