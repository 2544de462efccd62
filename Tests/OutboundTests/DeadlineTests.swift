internal import TestSupport
internal import Testing
@testable internal import Outbound

@Suite("A call's end in time", .timeLimit(.minutes(1)))
struct DeadlineTests {
    /// Where the deadline finds a call to this server, when it passes in the phase that is given.
    private func phase(
        endedIn phase: CallPhase,
        _ resolver: any NameResolver = ScriptedResolver(["127.0.0.1"]),
        _ script: @escaping LocalServer.Script
    ) async throws -> OutboundError? {
        let reached = Signal()
        let closed = Signal()
        return try await LocalServer.run { connection in
            defer { closed.send() }
            try await script(&connection)
            await connection.waitForClose()
        } while: { server in
            let client = try OutboundClient.testing(.loopback(server.port), resolver) {
                await reached.wait()
            } observe: {
                if $0 == phase { reached.send() }
            }
            let error = await outboundError { () throws(OutboundError) in
                try await client.send(OutboundRequest(.get, "http://loja.test:\(server.port)/"))
            }
            if phase >= .connecting { await closed.wait() }
            return error
        }
    }

    @Test("ends a look-up that has no answer")
    func resolving() async throws {
        let error = try await phase(endedIn: .resolving, SilentResolver()) { _ in }
        #expect(error?.code == .timedOut && error?.phase == .resolving && error?.mayHaveArrived == false)
    }

    @Test("ends the wait for headers, and closes the connection")
    func headers() async throws {
        let error = try await phase(endedIn: .sending) { try await $0.request() }
        #expect(error?.code == .timedOut && error?.phase == .sending && error?.mayHaveArrived == true)
    }

    @Test("ends headers that do not end")
    func slowHeaders() async throws {
        let error = try await phase(endedIn: .sending) { connection in
            try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\nX-A")
        }
        #expect(error?.code == .timedOut && error?.phase == .sending)
    }

    @Test("ends a body that does not end, and closes the connection")
    func body() async throws {
        let error = try await phase(endedIn: .receiving) { connection in
            try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1")
        }
        #expect(error?.code == .timedOut && error?.phase == .receiving && error?.mayHaveArrived == true)
    }

    /// By the real clock: a deadline that began anew with each byte would never pass.
    @Test(
        "ends what comes byte by byte, however steadily",
        arguments: [
            ("HTTP/1.1 200 OK\r\n", "X-A: b\r\n", CallPhase.sending),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n", .receiving),
        ]
    )
    func dripping(start: String, drop: String, phase: CallPhase) async throws {
        try await LocalServer.run { connection in
            try await connection.request()
            try await connection.send(start)
            try await connection.drip(drop)
        } while: { server in
            let client = try OutboundClient.testing(.loopback(server.port))
            var request = OutboundRequest(.get, "http://loja.test:\(server.port)/")
            request.deadline = .milliseconds(500)
            request.byteCap = 1 << 30
            let error = await outboundError { [request] () throws(OutboundError) in try await client.send(request) }
            #expect(error?.code == .timedOut && error?.phase == phase)
        }
    }

    @Test("Cancelling the task closes the connection", arguments: [CallPhase.sending, .receiving])
    func cancellation(phase: CallPhase) async throws {
        let reached = Signal()
        let closed = Signal()
        try await LocalServer.run { connection in
            defer { closed.send() }
            try await connection.request()
            if phase == .receiving { try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n1") }
            await connection.waitForClose()
        } while: { server in
            let client = try OutboundClient.testing(
                .loopback(server.port),
                observe: { if $0 == phase { reached.send() } }
            )
            let call = Task {
                await outboundError { () throws(OutboundError) in
                    try await client.send(OutboundRequest(.get, "http://loja.test:\(server.port)/"))
                }
            }
            await reached.wait()
            call.cancel()
            let error = await call.value
            #expect(error?.code == .cancelled && error?.phase == phase && error?.mayHaveArrived == true)
            await closed.wait()
        }
    }

    @Test("A task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        try await LocalServer.run { server in
            let client = try OutboundClient.testing(.loopback(server.port))
            let url = "http://loja.test:\(server.port)/"
            let call = Task {
                try? await forever()
                return await outboundError { () throws(OutboundError) in
                    try await client.send(OutboundRequest(.get, url))
                }
            }
            call.cancel()
            #expect(await call.value?.code == .cancelled)
            #expect(try await client.send(OutboundRequest(.get, url)).status == 200)
            #expect(server.accepted == 1)
        }
    }
}
