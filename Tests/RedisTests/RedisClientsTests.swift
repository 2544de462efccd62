internal import NIOCore
internal import NIOPosix
internal import TestSupport
internal import Testing

@testable internal import Redis

@Suite("A client on each event loop")
struct RedisClientsTests {
    @Test("Who asks on an event loop is served there, who asks elsewhere by the first; each has its connection")
    func nearest() async throws {
        let clients = try RedisClients(configuration: TestRedis.configuration(), logger: .silent)
        #expect(!clients.isConnected)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await clients.run() }
            defer { group.cancelAll() }
            for loop in MultiThreadedEventLoopGroup.singleton.makeIterator() {
                let nearest = try await loop.submit { clients.nearest }.get()
                #expect(nearest.connector.eventLoop === loop)
                try await nearest.waitUntil { $0 == .connected }
                #expect(try await nearest.send(RedisCommand("PING")) == .status("PONG"))
            }
            #expect(clients.isConnected)
            #expect(clients.nearest === clients.first)
        }
    }
}
