internal import NIOHTTP1
internal import Primitives
internal import Testing

/// In a debug build the server itself stops where a request asks for a second connection; here it is waited for in vain.
///
/// Jobs, which are all servers' of a database, would have the two connections too.
@Suite("A pool of two connections", .server(["DATABASE_POOL_SIZE": "2", "SERVE_JOBS": "false"]))
struct SmallPoolTests {
    @Test("No request waits for a second connection while it holds one: many at once all succeed")
    func writes() async throws {
        let client = TestOrganization(try .current).admin
        let webhook: JSON = [
            "name": "Loja", "url": "https://example.com/hook", "events": ["conversion_recorded"],
        ]
        let webhookID = try await client.post("/api/v2/webhooks", webhook).id(201)
        let count: JSON = ["since": "2026-01-01T00:00:00Z", "dry_run": true]
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<12 {
                group.addTask {
                    switch number % 3 {
                    case 0: try await client.send(.PATCH, "/api/v2/settings", json: ["theme": "dark"]).status
                    case 1: try await client.send(.PUT, "/api/v2/settings", json: ["theme": "light"]).status
                    default: try await client.post("/api/v2/webhooks/\(webhookID)/replay", count).status
                    }
                }
            }
            return try await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(statuses == [200: 8, 202: 4])
    }
}
