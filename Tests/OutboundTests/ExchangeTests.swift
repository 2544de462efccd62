internal import TestSupport
internal import Testing
@testable internal import Outbound

@Suite("A call and its response", .timeLimit(.minutes(1)))
struct ExchangeTests {
    /// What becomes of a call to a server with this script.
    private func error(
        of request: (Int) -> OutboundRequest = { OutboundRequest(.post, "http://loja.test:\($0)/", body: [1]) },
        _ script: @escaping LocalServer.Script
    ) async throws -> OutboundError? {
        try await LocalServer.run(script) { server in
            let client = try OutboundClient.testing(.loopback(server.port))
            let request = request(server.port)
            return await outboundError { () throws(OutboundError) in try await client.send(request) }
        }
    }

    @Test("The request arrives byte for byte, with the name as its host and what is ours")
    func request() async throws {
        let body = Array("{\"b\":1,\"a\":\"ç\"}".utf8)
        let received = Signal()
        try await LocalServer.run { connection in
            let arrived = try await connection.request()
            #expect(arrived == body)
            received.send()
            try await connection.send("HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-Id: 7\r\n\r\nok")
        } while: { server in
            let client = try OutboundClient.testing(.loopback(server.port))
            let response = try await client.send(
                OutboundRequest(
                    .post,
                    "http://LOJA.test.:\(server.port)/a%20b?c=d&e=%C3%A7#f",
                    headers: [("Content-Type", "application/json"), ("webhook-id", "msg_1")],
                    body: body
                )
            )
            await received.wait()
            let lines = try #require(server.requests.first).split(separator: "\r\n")
            #expect(lines.first == "POST /a%20b?c=d&e=%C3%A7 HTTP/1.1")
            #expect(
                Set(lines.dropFirst().map { $0.lowercased() }) == [
                    "host: loja.test:\(server.port)", "content-type: application/json", "webhook-id: msg_1",
                    "content-length: \(body.count)", "connection: close",
                ]
            )
            #expect(response.status == 201 && response.isSuccess && !response.isCut)
            #expect(response.header("x-ID") == "7")
            #expect(response.body == Array("ok".utf8))
        }
    }

    @Test("Headers that are the client's own, or would break out of their line, are refused before anything is sent")
    func headers() async throws {
        let headers = [
            ("Host", "10.0.0.1"), ("content-length", "0"), ("Transfer-Encoding", "chunked"), ("Connection", "upgrade"),
            ("X-A", "b\r\nHost: x"), ("X-A", "b\nc"), ("X-A", "\0"), ("X A", "b"), ("X:A", "b"), ("", "b"),
            ("X-Ç", "b"),
        ]
        try await LocalServer.run { server in
            let client = try OutboundClient.testing(.loopback(server.port))
            for header in headers {
                let request = OutboundRequest(.get, "http://loja.test:\(server.port)/", headers: [header])
                let error = await outboundError { () throws(OutboundError) in try await client.send(request) }
                #expect(error?.code == .invalidRequest && error?.mayHaveArrived == false, "\(header)")
            }
            #expect(try await client.send(OutboundRequest(.get, "http://loja.test:\(server.port)/")).status == 200)
            #expect(server.accepted == 1)
        }
    }

    @Test("An address that takes no connection is followed by the next one, a receiver that had the request by none")
    func nextAddress() async throws {
        try await LocalServer.run { server in
            let client = try OutboundClient.testing(
                .loopback(server.port),
                ScriptedResolver(["127.0.0.3", "127.0.0.2", "127.0.0.1"])
            )
            let response = try await client.send(OutboundRequest(.get, "http://loja.test:\(server.port)/"))
            #expect(response.address == IPAddress("127.0.0.1"))
        }
        try await LocalServer.run({ try await $0.request() }) { closing in
            try await LocalServer.run(at: "127.0.0.2", port: closing.port) { next in
                let client = try OutboundClient.testing(
                    .loopback(closing.port),
                    ScriptedResolver(["127.0.0.1", "127.0.0.2"])
                )
                let error = await outboundError { () throws(OutboundError) in
                    try await client.send(OutboundRequest(.get, "http://loja.test:\(closing.port)/"))
                }
                #expect(error?.code == .brokenResponse && error?.mayHaveArrived == true)
                #expect(next.accepted == 0)
                #expect(closing.requests.count == 1)
            }
        }
    }

    @Test("Where no address takes a connection, nothing arrived")
    func connectFailed() async throws {
        let port = try await LocalServer.run { $0.port }
        let client = try OutboundClient.testing(.loopback(port), ScriptedResolver(["127.0.0.1", "127.0.0.2"]))
        let error = await outboundError { () throws(OutboundError) in
            try await client.send(OutboundRequest(.get, "http://loja.test:\(port)/"))
        }
        #expect(error?.code == .connectFailed && error?.phase == .connecting && error?.mayHaveArrived == false)
    }

    @Test("A name without address, and a resolver that knows nothing, are told apart")
    func resolution() async throws {
        struct Unavailable: NameResolver {
            func addresses(of name: String) async throws -> [IPAddress] {
                throw NameResolutionError.unavailable(code: -3)
            }
        }
        for (resolver, code) in [
            (ScriptedResolver(), .nameNotFound), (ScriptedResolver([]), .nameNotFound),
            (Unavailable(), .resolverUnavailable),
        ] as [(any NameResolver, OutboundError.Code)] {
            let client = try OutboundClient.testing(.production, resolver)
            let error = await outboundError { () throws(OutboundError) in
                try await client.send(OutboundRequest(.get, "https://loja.test/"))
            }
            #expect(error?.code == code && error?.mayHaveArrived == false)
        }
    }

    @Test(
        "A response that ends too early, or is not HTTP, is broken",
        arguments: [
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345", "HTTP/1.1 200 OK\r\nContent-Le",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n", "SSH-2.0-OpenSSH_9.2\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "",
        ]
    )
    func broken(text: String) async throws {
        let error = try await error { connection in
            try await connection.request()
            try await connection.send(text)
        }
        #expect(error?.code == .brokenResponse)
        #expect(error?.mayHaveArrived == true)
    }

    @Test("A body is read up to the cap, headers and framing counted, and the connection closed")
    func cap() async throws {
        let closed = Signal()
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n"
        try await LocalServer.run { connection in
            defer { closed.send() }
            try await connection.request()
            try await connection.send(head)
            try await connection.sendForever(String(repeating: "0123456789", count: 1000))
        } while: { server in
            let client = try OutboundClient.testing(.loopback(server.port))
            var request = OutboundRequest(.get, "http://loja.test:\(server.port)/")
            request.byteCap = 15_000
            let response = try await client.send(request)
            #expect(response.isCut && response.status == 200)
            #expect(response.body.count == 15_000 - head.utf8.count)
            #expect(response.body.elementsEqual((0..<response.body.count).map { UInt8(ascii: "0") + UInt8($0 % 10) }))
            await closed.wait()
        }
    }

    @Test("A response that just fits is whole; one byte less of room cuts it")
    func fit() async throws {
        let text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n12345"
        try await LocalServer.run { connection in
            try await connection.request()
            try await connection.send(text)
            await connection.waitForClose()
        } while: { server in
            let client = try OutboundClient.testing(.loopback(server.port))
            var request = OutboundRequest(.get, "http://loja.test:\(server.port)/")
            request.byteCap = text.utf8.count
            let whole = try await client.send(request)
            #expect(whole.body == Array("12345".utf8) && !whole.isCut)
            request.byteCap -= 1
            let cut = try await client.send(request)
            #expect(cut.body == Array("1234".utf8) && cut.isCut)
        }
    }

    @Test(
        "Headers without end stop at the cap, responses before the response too",
        arguments: [
            ("HTTP/1.1 200 OK\r\n", "X-A: b\r\n"), ("", "HTTP/1.1 100 Continue\r\n\r\n"),
            ("HTTP/1.1 200 OK\r\nX-A: ", "bbbbbbbb"),
        ]
    )
    func endlessHeaders(start: String, more: String) async throws {
        let error = try await error { connection in
            try await connection.request()
            try await connection.send(start)
            try await connection.sendForever(String(repeating: more, count: 100))
        }
        #expect(error?.code == .responseTooLarge)
    }

    @Test("Tiny chunks count with their framing, and what is compressed stays so")
    func encodings() async throws {
        try await LocalServer.run { connection in
            try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try await connection.sendForever(String(repeating: "1;x=y\r\na\r\n", count: 100))
        } while: { server in
            let client = try OutboundClient.testing(.loopback(server.port))
            let response = try await client.send(OutboundRequest(.get, "http://loja.test:\(server.port)/"))
            #expect(response.isCut)
            #expect((6000..<6600).contains(response.body.count))
        }
        try await LocalServer.run {
            try await $0.answer(headers: ["Content-Encoding: gzip"], body: "no gzip")
        } while: { server in
            let client = try OutboundClient.testing(.loopback(server.port))
            let response = try await client.send(OutboundRequest(.get, "http://loja.test:\(server.port)/"))
            #expect(response.body == Array("no gzip".utf8))
        }
    }
}
