/// The addresses that lead somewhere else than to a public server.
///
/// Sources: IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890) and the table that Svix's worker keeps.
/// An address inside an IPv6 transition prefix (NAT64, 6to4, Teredo) may stand for any IPv4 address, so these prefixes are
/// blocked whole. Mapped IPv4 (`::ffff:0:0/96`) has no row: `IPAddress` unwraps it, and the IPv4 rows apply.
enum AddressTable {
    static let loopback: [AddressBlock] = [
        .four([127], 8, "loopback"),
        .six([0, 0, 0, 0, 0, 0, 0, 1], 128, "loopback"),
    ]

    static let blocked: [AddressBlock] = [
        .four([0], 8, "this network"),
        .four([10], 8, "private"),
        .four([100, 64], 10, "carrier-grade NAT"),
        .four([168, 63, 129, 16], 32, "Azure's host, metadata included"),
        .four([169, 254], 16, "link-local, metadata included"),
        .four([172, 16], 12, "private"),
        .four([192, 0, 0], 24, "protocol assignments"),
        .four([192, 0, 2], 24, "documentation"),
        .four([192, 88, 99], 24, "6to4 relays"),
        .four([192, 168], 16, "private"),
        .four([198, 18], 15, "benchmarks"),
        .four([198, 51, 100], 24, "documentation"),
        .four([203, 0, 113], 24, "documentation"),
        .four([224], 4, "multicast"),
        .four([240], 4, "reserved, broadcast included"),
        .six([], 96, "unspecified and IPv4-compatible"),
        .six([0x64, 0xFF9B], 96, "NAT64"),
        .six([0x64, 0xFF9B, 1], 48, "local NAT64"),
        .six([0x100], 64, "discard"),
        .six([0x2001], 23, "protocol assignments, Teredo included"),
        .six([0x2001, 0xDB8], 32, "documentation"),
        .six([0x2002], 16, "6to4"),
        .six([0x3FFF], 20, "documentation"),
        .six([0x5F00], 16, "segment routing"),
        .six([0xFC00], 7, "unique local, Amazon's metadata (fd00:ec2::254) included"),
        .six([0xFE80], 10, "link-local"),
        .six([0xFEC0], 10, "site-local"),
        .six([0xFF00], 8, "multicast"),
    ]

    /// All that IANA has given out of IPv6 for public servers; what lies outside is refused before anybody finds a use
    /// for it.
    static let globalUnicast = AddressBlock.six([0x2000], 3, "global unicast")
}
