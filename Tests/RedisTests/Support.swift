internal import Logging
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
