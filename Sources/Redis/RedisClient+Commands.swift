internal import Primitives

// The commands in use. One is added here when something needs it.
extension RedisClient {
    public func get(_ key: RedisKey) async throws -> [UInt8]? {
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
    public func set(
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
    public func delete(_ keys: [RedisKey]) async throws -> Int {
        try await send(RedisCommand("DEL", keys.map { RedisArgument($0) })).integer
    }

    /// Publishes a message to whoever is subscribed at this moment.
    ///
    /// - Returns: How many connections of this server heard it.
    @discardableResult
    public func publish(_ message: [UInt8], to channel: String) async throws -> Int {
        try await send(RedisCommand("PUBLISH", [RedisArgument(channel), RedisArgument(message)])).integer
    }

    /// Runs a script, which Redis keeps by its digest; loaded when Redis does not know it (any more).
    ///
    /// - Parameter keys: All that the script touches; a cluster would want them of one tag.
    public func run(
        _ script: RedisScript,
        keys: [RedisKey],
        arguments: [RedisArgument] = [],
        timeout: Duration? = nil
    ) async throws -> RedisValue {
        let rest = [RedisArgument(keys.count)] + keys.map { RedisArgument($0) } + arguments
        if let digest = script.digest {
            do {
                return try await send(RedisCommand("EVALSHA", [digest] + rest), timeout: timeout)
            } catch let error as RedisError where error.kind == .refused(code: "NOSCRIPT") {
                // A restart or SCRIPT FLUSH; a script that Redis does not know has not run.
            }
        }
        let load = RedisCommand("SCRIPT", ["LOAD", RedisArgument(script.source)])
        let digest = RedisArgument(try await send(load, timeout: timeout).bytes)
        script.digest = digest
        return try await send(RedisCommand("EVALSHA", [digest] + rest), timeout: timeout)
    }
}
