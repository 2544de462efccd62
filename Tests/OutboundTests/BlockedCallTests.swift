internal import TestSupport
internal import Testing
@testable internal import Outbound

/// Each test ends with a call that may reach the server: what an earlier one had sent would have been accepted before it.
@Suite("Nothing is sent to a blocked address", .timeLimit(.minutes(1)))
struct BlockedCallTests {
    /// Calls the server as a developer may, and expects that to be the only connection it ever saw.
    private func expectOnlyConnection(to server: LocalServer) async throws {
        let client = try OutboundClient.testing(.loopback(server.port))
        #expect(try await client.send(OutboundRequest(.get, "http://\(server.address):\(server.port)/")).status == 200)
        #expect(server.accepted == 1)
    }

    @Test("in any spelling of the URL")
    func spellings() async throws {
        let hosts = [
            "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "017700000001", "127.0.0.1.",
            "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[::127.0.0.1]",
            "localhost", "LOCALHOST.", "a.localhost", "loja.test@127.0.0.1", "0.0.0.0", "0", "127.0.0.1%00",
        ]
        try await LocalServer.run { server in
            let client = try OutboundClient.testing(.http(server.port), SystemResolver())
            for host in hosts {
                let url = "http://\(host):\(server.port)/"
                let error = await outboundError { () throws(OutboundError) in
                    try await client.send(OutboundRequest(.post, url))
                }
                #expect(error?.code == .invalidTarget || error?.code == .addressBlocked, "\(url)")
                #expect(error?.phase == .checking && error?.mayHaveArrived == false, "\(url)")
            }
            try await expectOnlyConnection(to: server)
        }
    }

    @Test(
        "where a name resolves to one, alone, mapped or among public ones",
        arguments: [
            ["127.0.0.1"], ["::ffff:127.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["127.0.0.1", "93.184.215.14"],
            ["2606:4700::1111", "::1", "127.0.0.1"], ["64:ff9b::7f00:1"], ["0.0.0.0"],
        ]
    )
    func names(addresses: [String]) async throws {
        try await LocalServer.run { server in
            let client = try OutboundClient.testing(.http(server.port), ScriptedResolver(addresses))
            let error = await outboundError { () throws(OutboundError) in
                try await client.send(OutboundRequest(.post, "http://loja.test:\(server.port)/"))
            }
            #expect(error?.code == .addressBlocked)
            #expect(error?.phase == .resolving && error?.mayHaveArrived == false)
            try await expectOnlyConnection(to: server)
        }
    }

    @Test("where a name changes its address after the look-up: the checked one is dialled")
    func rebinding() async throws {
        try await LocalServer.run { checked in
            try await LocalServer.run(at: "127.0.0.2", port: checked.port) { other in
                let resolver = ScriptedResolver(["127.0.0.1"], ["127.0.0.2"])
                let client = try OutboundClient.testing(.loopback(checked.port), resolver)
                let response = try await client.send(OutboundRequest(.get, "http://Loja.Test:\(checked.port)/"))
                #expect(response.status == 200 && response.address == IPAddress("127.0.0.1"))
                #expect(resolver.asked == ["loja.test"])
                #expect(checked.requests.count == 1)
                try await expectOnlyConnection(to: other)
            }
        }
    }

    @Test(
        "where a redirect leads to it: it is answered, not followed",
        arguments: ["301 Moved", "302 Found", "307 Again"]
    )
    func redirects(status: String) async throws {
        try await LocalServer.run(at: "127.0.0.2") { target in
            let location = "Location: http://127.0.0.2:\(target.port)/"
            try await LocalServer.run({ try await $0.answer(status, headers: [location]) }) { redirecting in
                let policy = OutboundPolicy(
                    allowsPlainHTTP: true,
                    ports: [1024...65_535],
                    addresses: AddressPolicy(allowsLoopback: true)
                )
                let client = try OutboundClient.testing(policy)
                let response = try await client.send(OutboundRequest(.get, "http://loja.test:\(redirecting.port)/"))
                #expect(response.status == Int(status.prefix(3)))
                #expect(!response.isSuccess)
                #expect(response.header("location") != nil)
                try await expectOnlyConnection(to: target)
            }
        }
    }
}
