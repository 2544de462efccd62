// The commands in use. One is added here when something needs it.
extension RedisClient {
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
