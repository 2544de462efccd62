internal import Testing
@testable internal import Outbound

@Suite("Which addresses may be dialled")
struct AddressPolicyTests {
    /// The first and last address of each blocked network, and those that metadata services have.
    static let blockedAddresses = [
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

    static let loopbackAddresses = [
        "127.0.0.0", "127.0.0.1", "127.255.255.255", "::1", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1",
    ]

    /// The neighbours of the blocked networks, and public servers.
    static let allowedAddresses = [
        "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "168.63.129.15", "168.63.129.17", "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "191.255.255.255", "192.0.1.0", "192.0.1.255", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255",
        "192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0", "203.0.112.255", "203.0.114.0",
        "223.255.255.255", "8.8.8.8", "::ffff:8.8.8.8", "2000::", "2001:200::1",
        "2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "2001:4860:4860::8888", "2003::", "2606:4700::1111",
        "3ffe:ffff::", "3fff:1000::",
    ]

    @Test(
        "Blocked networks are blocked from their first to their last address, loopback allowed or not",
        arguments: blockedAddresses
    )
    func blocked(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressPolicy().allows(address))
        #expect(!AddressPolicy(allowsLoopback: true).allows(address))
    }

    @Test("Loopback is open to a developer's setting only", arguments: loopbackAddresses)
    func loopback(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressPolicy().allows(address))
        #expect(AddressPolicy(allowsLoopback: true).allows(address))
    }

    @Test("Public addresses are allowed, up to the edge of what is not", arguments: allowedAddresses)
    func allowed(text: String) throws {
        #expect(AddressPolicy().allows(try #require(IPAddress(text))))
    }

    @Test("A mapped address is the IPv4 address in it")
    func mapped() throws {
        #expect(IPAddress("::ffff:192.0.2.1") == IPAddress("192.0.2.1"))
        #expect(IPAddress("::FFFF:C000:0201")?.description == "192.0.2.1")
        #expect(IPAddress("::fffe:192.0.2.1") != IPAddress("192.0.2.1"))
    }

    @Test(
        "What inet_aton or a socket would take for an address is none",
        arguments: [
            "127.1", "2130706433", "0177.0.0.1", "0x7f.0.0.1", "01.2.3.4", "1.2.3.4.", " 1.2.3.4", "fe80::1%lo", "",
        ]
    )
    func spellings(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
