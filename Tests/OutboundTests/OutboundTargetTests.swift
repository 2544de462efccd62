internal import Primitives
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

    @Test(
        "is refused, with the reason",
        arguments: [
            ("", .unreadable), ("loja.com.br", .unreadable), ("https:loja.com.br", .unreadable),
            ("https://", .unreadable), ("https:///x", .unreadable), (" https://loja.com.br", .unreadable),
            ("https://loja.com.br/a b", .unreadable), ("https://loja.com.br\\@10.0.0.1/", .unreadable),
            ("https://lo\tja.com.br/", .unreadable), ("https://loja.com.br/\r\nX: y", .unreadable),
            ("https://café.com.br/", .notASCII), ("https://loja.com.br/olá", .notASCII),
            ("https://１27.0.0.1/", .notASCII), ("https://loja。com/", .notASCII),
            ("http://loja.com.br/", .scheme), ("ftp://loja.com.br/", .scheme), ("javascript://loja.com.br/", .scheme),
            ("file:///etc/passwd", .scheme), ("https+unix://a/", .scheme), ("unix:///run/x", .scheme),
            ("https://ana@loja.com.br/", .userInfo), ("https://ana:x@loja.com.br/", .userInfo),
            ("https://loja.com.br@10.0.0.1/", .userInfo), ("https://@loja.com.br/", .userInfo),
            ("https://loja.com.br:22/", .port), ("https://loja.com.br:80/", .port), ("https://loja.com.br:/", .port),
            ("https://loja.com.br:0443/", .port), ("https://loja.com.br:65979/", .port),
            ("https://loja.com.br:-1/", .port), ("https://loja.com.br:443:443/", .port),
            ("https://loja.com.br:+443/", .port), ("https://[2001:4860:4860::8888]:25/", .port),
            ("https://loja..com/", .host), ("https://.com.br/", .host), ("https://loja.com..", .host),
            ("https://-loja.com/", .host), ("https://lo%6aa.com/", .host), ("https://lo*ja.com/", .host),
            ("https://[::1", .host), ("https://[loja.com]/", .host), ("https://[]/", .host), ("https://./", .host),
            ("https://\(String(repeating: "a", count: 64)).com/", .host),
            ("https://[fe80::1%25eth0]/", .zone), ("https://[2001:4860::1%1]/", .zone),
            ("https://loja.com.br/{id}", .character), ("https://loja.com.br/%4", .character),
            ("https://loja.com.br/?a[]=1", .character), ("https://loja.com.br/%zz", .character),
            ("https://loja.com.br/\(String(repeating: "a", count: 2048))", .tooLong),
        ] as [(String, TargetProblem)]
    )
    func refused(text: String, expected: TargetProblem) {
        #expect(problem(text) == expected)
    }

    @Test(
        "is refused where IPv4 is not spelled as four decimal numbers",
        arguments: [
            "2130706433", "0x7f000001", "0X7F000001", "017700000001", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1",
            "127.0.0.0x1", "127.0.0.01", "0127.0.0.1", "127.0.0.1.1", "256.0.0.1", "8.8.8.08", "8.8.2056", "1.2.3.4.5",
            "0x", "8.8.8.8.0x8", "134744072",
        ]
    )
    func spellings(host: String) {
        #expect(problem("https://\(host)/") == .spelling)
        #expect(problem("https://\(host).:443/", .development) == .spelling)
    }

    @Test(
        "is refused where it names a blocked address, in any spelling that is one",
        arguments: [
            "10.0.0.1", "169.254.169.254", "169.254.169.254.", "192.168.0.1", "[::]", "[::ffff:10.0.0.1]",
            "[::ffff:a00:1]", "[0:0:0:0:0:FFFF:10.0.0.1]", "[fd00:ec2::254]", "[FD00:0EC2::0254]",
            "[64:ff9b::a00:1]", "[2002:a00:1::]", "[fe80::1]", "0.0.0.0", "255.255.255.255",
        ]
    )
    func blocked(host: String) {
        #expect(problem("https://\(host)/") == .blockedAddress)
        #expect(problem("https://\(host)/", .development) == .blockedAddress)
    }

    @Test(
        "is refused where the name is one of ours, whatever it resolves to",
        arguments: [
            "metadata.google.internal", "METADATA.google.INTERNAL.", "instance-data.ec2.internal", "instance-data",
            "metadata", "metadata.goog", "postgres", "impressora.local", "loja.internal", "kubernetes.default.svc",
            "api.default.svc.cluster.local", "router.home.arpa", "host.docker.internal", "a.localdomain",
        ]
    )
    func reserved(host: String) {
        #expect(problem("https://\(host)/") == .reservedName)
        #expect(problem("https://\(host)/", .development) == .reservedName)
    }

    @Test("is open to loopback and plain HTTP on a developer's machine only")
    func development() throws {
        for host in ["localhost", "LocalHost.", "loja.localhost"] {
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
