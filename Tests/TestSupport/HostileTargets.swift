package import Outbound

/// What a customer may type, or have a name lead to, to reach a machine that is none of his: the cases of all tests of that.
package enum HostileTargets {
    /// The first and last address of each blocked network, and those that metadata services have.
    package static let blockedAddresses = [
        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255",
        "168.63.129.16", "169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255",
        "192.0.0.0", "192.0.0.192", "192.0.0.255", "192.0.2.0", "192.0.2.255", "192.88.99.0", "192.88.99.255",
        "192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.0", "198.51.100.255",
        "203.0.113.0", "203.0.113.255", "224.0.0.0", "239.255.255.255", "240.0.0.0", "255.255.255.255",
        "100.100.100.200",
        "::", "::2", "::8.8.8.8", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "0:0:0:0:0:ffff:c0a8:0101",
        "64:ff9b::", "64:ff9b::8.8.8.8", "64:ff9b::ffff:ffff", "64:ff9b::10.0.0.1", "64:ff9b:1::",
        "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "100::", "100::ffff:ffff:ffff:ffff", "2001::", "2001::1",
        "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2002::",
        "2002:a00:1::", "2002:808:808::1", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::",
        "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::",
        "fd00:ec2::254", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::", "fe80::1",
        "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fec0::", "ff00::", "ff02::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "65:ff9b::1", "4000::", "1fff:ffff::", "e000::1",
    ]

    package static let loopbackAddresses = [
        "127.0.0.0", "127.0.0.1", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1",
    ]

    /// Hosts that are an IPv4 address to some readers, and not written as four decimal numbers.
    package static let spellings = [
        "2130706433", "0x7f000001", "0X7F000001", "017700000001", "127.1", "127.0.1", "0177.0.0.1", "0x7f.0.0.1",
        "127.0.0.0x1", "127.0.0.01", "0127.0.0.1", "127.0.0.1.1", "256.0.0.1", "8.8.8.08", "8.8.2056", "1.2.3.4.5",
        "0x", "8.8.8.8.0x8", "134744072",
    ]

    /// Hosts of URLs that are blocked addresses.
    package static let blockedHosts = [
        "10.0.0.1", "169.254.169.254", "169.254.169.254.", "192.168.0.1", "[::]", "[::ffff:10.0.0.1]",
        "[::ffff:a00:1]", "[0:0:0:0:0:FFFF:10.0.0.1]", "[fd00:ec2::254]", "[FD00:0EC2::0254]",
        "[64:ff9b::a00:1]", "[2002:a00:1::]", "[fe80::1]", "0.0.0.0", "255.255.255.255",
    ]

    /// Names of ours, whatever they resolve to.
    package static let reservedNames = [
        "metadata.google.internal", "METADATA.google.INTERNAL.", "instance-data.ec2.internal", "instance-data",
        "metadata", "metadata.goog", "postgres", "impressora.local", "loja.internal", "kubernetes.default.svc",
        "api.default.svc.cluster.local", "router.home.arpa", "host.docker.internal", "a.localdomain",
    ]

    /// Names of the machine itself.
    package static let loopbackNames = ["localhost", "LocalHost.", "loja.localhost"]

    /// URLs that are refused for what they look like.
    package static let malformed: [(url: String, problem: TargetProblem)] = [
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
    ]

    /// All of these as URLs that a server in production refuses, with the reason; each blocked IPv4 address also in every way
    /// that somebody may write it.
    package static var refused: [(url: String, problem: TargetProblem)] {
        let addresses = blockedAddresses + loopbackAddresses
        let fours = addresses.filter { !$0.contains(":") }
        let blocked =
            blockedHosts + fours + addresses.filter { $0.contains(":") }.map { "[\($0)]" } + fours.flatMap(embeddings)
        return malformed + blocked.map { ("https://\($0)/", .blockedAddress) }
            + (spellings + fours.flatMap(otherSpellings)).map { ("https://\($0)/", .spelling) }
            + (reservedNames + loopbackNames).map { ("https://\($0)/", .reservedName) }
    }

    /// An IPv4 address in decimal, octal and hexadecimal, whole and in parts, and with fewer parts.
    private static func otherSpellings(of address: String) -> [String] {
        let parts = address.split(separator: ".").compactMap { UInt32($0) }
        let number = parts.reduce(0) { $0 << 8 | $1 }
        let (octal, hex) = (String(number, radix: 8), String(number, radix: 16))
        return [
            "\(number)", "0\(octal)", "0x\(hex)", parts.map { "0" + String($0, radix: 8) }.joined(separator: "."),
            parts.map { "0x" + String($0, radix: 16) }.joined(separator: "."), "\(parts[0]).\(number & 0xFF_FFFF)",
            "\(parts[0]).\(parts[1]).\(number & 0xFFFF)", "\(address).0",
        ]
    }

    /// Within IPv6: mapped, compatible, and behind NAT64 and 6to4.
    private static func embeddings(of address: String) -> [String] {
        let parts = address.split(separator: ".").compactMap { UInt32($0) }
        let groups = [parts[0] << 8 | parts[1], parts[2] << 8 | parts[3]].map { String($0, radix: 16) }
            .joined(separator: ":")
        return [
            "[::ffff:\(address)]", "[::ffff:\(groups)]", "[0:0:0:0:0:FFFF:\(address)]", "[::\(address)]",
            "[64:ff9b::\(address)]", "[64:ff9b::\(groups)]", "[64:ff9b:1::\(groups)]", "[2002:\(groups)::]",
        ]
    }
}
