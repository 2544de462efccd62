internal import Foundation
internal import Logging
package import Redis

/// The Redis that tests use: the one of `TEST_REDIS_URL`, which they share, so that each keeps to keys of its own and
/// none flushes it.
///
/// What flushes, stalls or kills starts its own (`TestRedisServer`).
package enum TestRedis {
    package struct Unusable: Error, CustomStringConvertible {
        package let description: String

        package init(description: String) {
            self.description = description
        }
    }

    /// Refuses a missing URL, and hosts other than this machine.
    package static func configuration() throws -> RedisConfiguration {
        guard let url = ProcessInfo.processInfo.environment["TEST_REDIS_URL"] else {
            throw Unusable(
                description: "TEST_REDIS_URL is not set: these tests need a Redis, as redis://127.0.0.1:6379"
            )
        }
        return try configuration(url: url)
    }

    package static func configuration(url: String) throws -> RedisConfiguration {
        let configuration = try RedisConfiguration(url: url)
        guard ["127.0.0.1", "::1", "localhost"].contains(configuration.host) else {
            throw Unusable(description: "tests use a Redis on this machine only")
        }
        return configuration
    }

    /// Runs `body` with a client of the shared Redis, connected.
    @discardableResult
    package static func withClient<Result: Sendable>(
        _ configuration: RedisConfiguration? = nil,
        _ body: (RedisClient) async throws -> Result
    ) async throws -> Result {
        let client = try RedisClient(
            configuration: configuration ?? TestRedis.configuration(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await client.run() }
            defer { group.cancelAll() }
            try await client.waitUntil { $0 == .connected }
            return try await body(client)
        }
    }

    /// A tag that no other test has.
    package static func uniqueTag() -> String {
        "test:\(UUID().uuidString)"
    }
}

extension RedisClient {
    /// Waits for a standing, at most 20 seconds.
    package func waitUntil(_ condition: @escaping @Sendable (RedisState) -> Bool) async throws {
        let reached = await withTaskGroup(of: Bool.self) { group in
            group.addTask { await self.standings().contains(where: condition) }
            group.addTask {
                try? await Task.sleep(for: .seconds(20))
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        guard reached else { throw TestRedis.Unusable(description: "Redis stands at \(standing)") }
    }
}
