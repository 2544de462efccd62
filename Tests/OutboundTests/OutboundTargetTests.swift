internal import Primitives
internal import TestSupport
internal import Testing
@testable internal import Outbound

@Suite("What a customer may type as an address")
struct OutboundTargetTests {
    private func problem(_ text: String, _ policy: OutboundPolicy = .production) -> TargetProblem? {
        do throws(Fault) {
            let target = try OutboundTarget(text, policy: policy)
            Issue.record("\(text) was taken as \(target.url)")
            return nil
        } catch {
            #expect(error.code == .outboundTargetRefused && error.code.kind == .invalid)
            return error.cause as? TargetProblem
        }
    }

    @Test(
        "is written anew in one form",
        arguments: [
            ("https://loja.com.br", "https://loja.com.br/"),
            ("HTTPS://Loja.COM.br.:443/Pedidos?a=1&b=%20#fim", "https://loja.com.br/Pedidos?a=1&b=%20"),
            ("https://loja.com.br?a=b/c", "https://loja.com.br/?a=b/c"),
            ("https://loja.com.br#@10.0.0.1/", "https://loja.com.br/"),
            ("https://loja.com.br:8443/x", "https://loja.com.br:8443/x"),
            ("https://xn--caf-dma.com.br/", "https://xn--caf-dma.com.br/"),
            ("https://_acme.a-b.com/@user:80", "https://_acme.a-b.com/@user:80"),
            ("https://1e100.net/", "https://1e100.net/"),
            ("https://8.8.8.8/dns", "https://8.8.8.8/dns"),
            ("https://[2001:4860:4860:0:0:0:0:8888]:8443/", "https://[2001:4860:4860::8888]:8443/"),
            ("https://[::ffff:8.8.8.8]/", "https://8.8.8.8/"),
            ("https://localhost.com/", "https://localhost.com/"),
        ]
    )
    func canonical(text: String, url: String) throws {
        #expect(try OutboundTarget(text, policy: .production).url == url)
    }

    @Test("is refused, with the reason", arguments: HostileTargets.malformed)
    func refused(text: String, expected: TargetProblem) {
        #expect(problem(text) == expected)
    }

    @Test("is refused in production however a blocked address is written")
    func writtenOtherwise() {
        for (url, expected) in HostileTargets.refused { #expect(problem(url) == expected, "\(url)") }
    }

    @Test("is refused where IPv4 is not spelled as four decimal numbers", arguments: HostileTargets.spellings)
    func spellings(host: String) {
        #expect(problem("https://\(host)/") == .spelling)
        #expect(problem("https://\(host).:443/", .development) == .spelling)
    }

    @Test(
        "is refused where it names a blocked address, in any spelling that is one",
        arguments: HostileTargets.blockedHosts
    )
    func blocked(host: String) {
        #expect(problem("https://\(host)/") == .blockedAddress)
        #expect(problem("https://\(host)/", .development) == .blockedAddress)
    }

    @Test("is refused where the name is one of ours, whatever it resolves to", arguments: HostileTargets.reservedNames)
    func reserved(host: String) {
        #expect(problem("https://\(host)/") == .reservedName)
        #expect(problem("https://\(host)/", .development) == .reservedName)
    }

    @Test("is open to loopback and plain HTTP on a developer's machine only")
    func development() throws {
        for host in HostileTargets.loopbackNames {
            #expect(problem("https://\(host)/") == .reservedName)
            #expect(try OutboundTarget("http://\(host):3000/x", policy: .development).port == 3000)
        }
        for host in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]"] {
            #expect(problem("https://\(host)/") == .blockedAddress)
            #expect(try OutboundTarget("http://\(host)/", policy: .development).port == 80)
        }
        #expect(problem("http://127.0.0.1:22/", .development) == .port)
    }

    @Test("has a text in both languages for each reason")
    func texts() {
        #expect(Set(TargetProblem.allCases.map(\.text.portuguese)).count == TargetProblem.allCases.count)
        #expect(Set(TargetProblem.allCases.map(\.text.english)).count == TargetProblem.allCases.count)
    }
}
