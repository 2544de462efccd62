internal import TestSupport
internal import Testing
@testable internal import Outbound

@Suite("Calls at once", .timeLimit(.minutes(1)))
struct CallLimitTests {
    /// A server that answers when told to.
    private func withHeldServer<Result>(
        _ limits: CallLimits,
        _ body: (OutboundClient, LocalServer, _ arrived: Signal, _ release: Signal) async throws -> Result
    ) async throws -> Result {
        let arrived = Signal()
        let release = Signal()
        return try await LocalServer.run { connection in
            try await connection.request()
            arrived.send()
            await release.wait()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        } while: { server in
            let client = try OutboundClient.testing(.loopback(server.port), limits: limits)
            return try await body(client, server, arrived, release)
        }
    }

    private func call(_ client: OutboundClient, _ host: String, _ server: LocalServer) -> Task<Int, any Error> {
        let url = "http://\(host):\(server.port)/"
        return Task { try await client.send(OutboundRequest(.get, url)).status }
    }

    private func untilWaiting(_ client: OutboundClient, _ host: String, _ count: Int) async throws {
        try await until { client.limiter.waiting(for: host) == count }
    }

    @Test("A second call to a host begins when the first has ended; one to another host does not wait")
    func perHost() async throws {
        try await withHeldServer(CallLimits(perHost: 1)) { client, server, arrived, release in
            let first = call(client, "loja.test", server)
            await arrived.wait()
            let second = call(client, "LOJA.test.", server)
            try await untilWaiting(client, "loja.test", 1)
            let other = call(client, "outra.test", server)
            await arrived.wait()
            #expect(server.accepted == 2)
            for _ in 0..<3 { release.send() }
            #expect(try await [first.value, second.value, other.value] == [200, 200, 200])
            #expect(server.accepted == 3)
        }
    }

    @Test("More than may wait are refused at once, and waiting ends with the task")
    func waiting() async throws {
        try await withHeldServer(CallLimits(perHost: 1, waitingPerHost: 1)) { client, server, arrived, release in
            let first = call(client, "loja.test", server)
            await arrived.wait()
            let second = call(client, "loja.test", server)
            try await untilWaiting(client, "loja.test", 1)
            let refused = await outboundError { () throws(OutboundError) in
                try await client.send(OutboundRequest(.get, "http://loja.test:\(server.port)/"))
            }
            #expect(refused?.code == .tooManyCalls && refused?.mayHaveArrived == false)
            second.cancel()
            await #expect(throws: OutboundError.self) { try await second.value }
            #expect(client.limiter.waiting(for: "loja.test") == 0)
            release.send()
            let status = try await first.value
            #expect(status == 200 && server.accepted == 1)
        }
    }

    @Test("Waiting for a turn ends at the deadline")
    func deadline() async throws {
        try await withHeldServer(CallLimits(total: 1)) { client, server, arrived, release in
            let first = call(client, "loja.test", server)
            await arrived.wait()
            var request = OutboundRequest(.get, "http://outra.test:\(server.port)/")
            request.deadline = .milliseconds(1)
            let late = await outboundError { [request] () throws(OutboundError) in try await client.send(request) }
            #expect(late?.code == .timedOut && late?.phase == .waiting && late?.mayHaveArrived == false)
            release.send()
            let status = try await first.value
            #expect(status == 200 && server.accepted == 1)
        }
    }

    @Test("A turn is given back however a call ends")
    func failures() async throws {
        try await LocalServer.run({ try await $0.request() }) { server in
            let client = try OutboundClient.testing(.loopback(server.port), limits: CallLimits(perHost: 1, total: 1))
            for _ in 0..<3 {
                let error = await outboundError { () throws(OutboundError) in
                    try await client.send(OutboundRequest(.get, "http://loja.test:\(server.port)/"))
                }
                #expect(error?.code == .brokenResponse)
            }
        }
    }
}
