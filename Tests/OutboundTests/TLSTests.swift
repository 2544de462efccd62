internal import TestSupport
internal import Testing
@testable internal import Outbound

@Suite("TLS to the checked address", .timeLimit(.minutes(1)))
struct TLSTests {
    private let certificate: TestCertificate

    init() throws {
        certificate = try TestCertificate("DNS:loja.test,DNS:*.lojas.test,IP:127.0.0.1")
    }

    private func policy(_ server: LocalServer) -> OutboundPolicy {
        OutboundPolicy(ports: [server.port...server.port], addresses: AddressPolicy(allowsLoopback: true))
    }

    @Test("asks for the name's certificate and sends the name as host, while it dials the address")
    func name() async throws {
        try await LocalServer.run(certificate: certificate) { server in
            let resolver = ScriptedResolver(["127.0.0.1"], ["127.0.0.2"])
            let client = try OutboundClient.testing(policy(server), resolver, trusting: certificate.pem)
            let response = try await client.send(OutboundRequest(.get, "https://LOJA.test:\(server.port)/x"))
            #expect(response.status == 200 && response.address == IPAddress("127.0.0.1"))
            #expect(server.names == ["loja.test"])
            #expect(server.requests.first?.lowercased().contains("\r\nhost: loja.test:\(server.port)") == true)
            #expect(resolver.asked == ["loja.test"])
        }
    }

    @Test("takes a certificate for all names of a domain, one label deep")
    func wildcard() async throws {
        try await LocalServer.run(certificate: certificate) { server in
            let client = try OutboundClient.testing(policy(server), trusting: certificate.pem)
            let response = try await client.send(OutboundRequest(.get, "https://Rio.lojas.test:\(server.port)/"))
            #expect(response.status == 200)
        }
    }

    @Test("checks an address in the URL against the certificate's addresses, and asks for no name")
    func address() async throws {
        try await LocalServer.run(certificate: certificate) { server in
            let client = try OutboundClient.testing(policy(server), trusting: certificate.pem)
            #expect(try await client.send(OutboundRequest(.get, "https://127.0.0.1:\(server.port)/")).status == 200)
            #expect(server.names == [nil])
        }
    }

    @Test("reads a response up to the cap, and says so")
    func cap() async throws {
        try await LocalServer.run(certificate: certificate) { connection in
            try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            try await connection.sendForever(String(repeating: "1\r\na\r\n", count: 100))
        } while: { server in
            let client = try OutboundClient.testing(policy(server), trusting: certificate.pem)
            let response = try await client.send(OutboundRequest(.get, "https://loja.test:\(server.port)/"))
            #expect(response.isCut && response.body.count > 10_000)
        }
    }

    /// The certificate is good for the address that is reached, which NIOSSL alone would be content with.
    @Test("sends nothing to who cannot show the name's certificate, or one that nobody trusts")
    func refusals() async throws {
        try await LocalServer.run(certificate: certificate) { server in
            for (host, trusted) in [
                ("outra.test", try certificate.pem), ("a.rio.lojas.test", try certificate.pem), ("loja.test", nil),
            ] {
                let client = try OutboundClient.testing(policy(server), trusting: trusted)
                let error = await outboundError { () throws(OutboundError) in
                    try await client.send(OutboundRequest(.post, "https://\(host):\(server.port)/"))
                }
                #expect(error?.code == .tlsFailed && error?.mayHaveArrived == false, "\(host)")
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test("fails where the other side speaks none, or hangs up")
    func noTLS() async throws {
        for answer in ["HTTP/1.1 400 Bad Request\r\n\r\n", ""] {
            try await LocalServer.run({ try await $0.send(answer) }) { server in
                let client = try OutboundClient.testing(policy(server), trusting: certificate.pem)
                let error = await outboundError { () throws(OutboundError) in
                    try await client.send(OutboundRequest(.post, "https://loja.test:\(server.port)/"))
                }
                #expect(error?.phase == .connecting && error?.mayHaveArrived == false)
                #expect(error?.code == .tlsFailed)
            }
        }
    }
}
