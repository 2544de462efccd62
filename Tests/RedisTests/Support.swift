internal import Logging
internal import Primitives
internal import Redis
internal import TestSupport

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension TestRedisServer {
    var configuration: RedisConfiguration {
        get throws { try configuration(user: "") }
    }

    /// - Parameter user: What a URL has before the host: `user:password@`.
    func configuration(user: String) throws -> RedisConfiguration {
        try TestRedis.configuration(url: "redis://\(user)127.0.0.1:\(port)")
    }
}

extension RedisClient {
    func get(_ key: RedisKey) async throws -> [UInt8]? {
        let reply = try await send(RedisCommand("GET", [RedisArgument(key)]))
        return reply == .null ? nil : try reply.bytes
    }

    /// Sets a key.
    ///
    /// - Parameters:
    ///   - lifetime: After which the key is gone, to the millisecond; nil for never.
    ///   - onlyIfAbsent: Leaves a key alone that exists.
    /// - Returns: Whether it was set.
    @discardableResult
    func set(
        _ key: RedisKey,
        _ value: [UInt8],
        lifetime: Duration? = nil,
        onlyIfAbsent: Bool = false
    ) async throws -> Bool {
        var arguments = [RedisArgument(key), RedisArgument(value)]
        if let lifetime { arguments += ["PX", RedisArgument(lifetime.milliseconds)] }
        if onlyIfAbsent { arguments.append("NX") }
        return try await send(RedisCommand("SET", arguments)) != .null
    }

    /// Deletes keys of one tag.
    ///
    /// - Returns: How many there were.
    @discardableResult
    func delete(_ keys: [RedisKey]) async throws -> Int {
        try await send(RedisCommand("DEL", keys.map { RedisArgument($0) })).integer
    }

    /// Waits until a connection of this client's server is blocked in a command such as BLPOP.
    func waitUntilBlocked() async throws {
        try await TestRedis.withClient(configuration) { observer in
            while true {
                let clients = try await observer.send(RedisCommand("INFO", ["clients"])).bytes
                if String(decoding: clients, as: UTF8.self).contains("blocked_clients:1") { return }
            }
        }
    }
}
