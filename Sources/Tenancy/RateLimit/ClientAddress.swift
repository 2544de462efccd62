internal import Glibc

/// The address from which a request came.
public struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
    /// 4 or 16, in network order.
    private let bytes: [UInt8]

    /// Reads an IPv4 or IPv6 address, without port; an IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is that IPv4
    /// address.
    public init?(_ text: String) {
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = four
            return
        }
        var sixteen = [UInt8](repeating: 0, count: 16)
        // A link-local address has the name of its interface after it.
        let address = String(text.prefix { $0 != "%" })
        guard inet_pton(AF_INET6, address, &sixteen) == 1 else { return nil }
        let isMapped = sixteen.prefix(10).allSatisfy { $0 == 0 } && sixteen[10...11] == [0xFF, 0xFF]
        bytes = isMapped ? Array(sixteen[12...]) : sixteen
    }

    /// As it is usually written: `192.0.2.1`, `2001:db8::1` (RFC 5952).
    public var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Reads an address as proxies write it into `X-Forwarded-For`: with or without a port, IPv6 in brackets or not.
    public init?(forwarded text: some StringProtocol) {
        let (address, port): (Substring, Substring)
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            address = Substring(text[..<end].dropFirst())
            port = Substring(text[end...].dropFirst())
        } else if let colon = text.firstIndex(of: ":"), !text[colon...].dropFirst().contains(":") {
            (address, port) = (Substring(text[..<colon]), Substring(text[colon...]))
        } else {
            (address, port) = (Substring(text), "")
        }
        guard port.isEmpty || port.first == ":" && UInt16(port.dropFirst()) != nil else { return nil }
        self.init(String(address))
    }

    /// Of what comes from no address, as by a local socket.
    public static let unknown = ClientAddress(bytes: [0, 0, 0, 0])

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// What is counted as one client: an IPv4 address, or the IPv6 network of /64, of which each customer has a whole
    /// one to draw addresses from.
    public var prefix: String {
        guard bytes.count == 16 else { return bytes.map { String($0) }.joined(separator: ".") }
        let groups = stride(from: 0, to: 8, by: 2).map { String(Int(bytes[$0]) << 8 | Int(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":") + "::/64"
    }
}
