internal import TestSupport
internal import Testing
@testable internal import Outbound

@Suite("Which addresses may be dialled")
struct AddressPolicyTests {
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
        arguments: HostileTargets.blockedAddresses
    )
    func blocked(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressPolicy().allows(address))
        #expect(!AddressPolicy(allowsLoopback: true).allows(address))
    }

    @Test("Loopback is open to a developer's setting only", arguments: HostileTargets.loopbackAddresses)
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
