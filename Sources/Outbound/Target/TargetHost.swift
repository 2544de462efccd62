/// The host of a URL, in the one form in which it is compared, looked up and sent.
public enum TargetHost: Hashable, Sendable, CustomStringConvertible {
    /// In lower case, ASCII, without a dot at its end.
    case name(String)
    case address(IPAddress)

    /// As it stands in a URL and in the `Host` header: IPv6 in brackets.
    public var description: String {
        switch self {
        case .name(let name): name
        case .address(let address): address.isIPv4 ? address.description : "[\(address)]"
        }
    }

    /// Names that mean a machine or a network of ours, whatever they resolve to (RFC 6761, RFC 6762, RFC 8375, ICANN's
    /// `internal`, Kubernetes' `svc`).
    private static let reserved: Set<Substring> = ["local", "localdomain", "internal", "svc", "home.arpa"]

    /// Metadata services that have a public name; those within `internal` are covered there, and those without a dot by
    /// the rule that a name has one.
    private static let metadata: Set<Substring> = ["metadata.goog"]

    /// - Parameter text: printable ASCII, between the slashes and the port; IPv6 in brackets.
    init(_ text: Substring, policy: AddressPolicy) throws(TargetProblem) {
        if text.first == "[" {
            guard text.last == "]" else { throw .host }
            guard !text.contains("%") else { throw .zone }
            guard let address = IPAddress(String(text.dropFirst().dropLast())) else { throw .host }
            try self.init(address, policy: policy)
            return
        }
        var name = text.lowercased()
        if name.last == "." { name.removeLast() }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        guard name.utf8.count <= 253, labels.allSatisfy(Self.isLabel), let last = labels.last else { throw .host }
        // What ends in a number is an IPv4 address to inet_aton, browsers and many clients (WHATWG URL, 3.5), and each reads
        // its decimal, octal, hexadecimal and short spellings in its own way. One spelling is taken.
        if Self.isNumber(last) {
            guard let address = IPAddress(name) else { throw .spelling }
            try self.init(address, policy: policy)
            return
        }
        if last == "localhost" {
            guard policy.allowsLoopback else { throw .reservedName }
        } else {
            guard labels.count > 1, !Self.reserved.contains(last), !Self.metadata.contains(name[...]),
                !Self.reserved.contains(labels.suffix(2).joined(separator: ".")[...])
            else { throw .reservedName }
        }
        self = .name(name)
    }

    private init(_ address: IPAddress, policy: AddressPolicy) throws(TargetProblem) {
        guard policy.allows(address) else { throw .blockedAddress }
        self = .address(address)
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                case UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }

    private static func isNumber(_ label: Substring) -> Bool {
        let isDecimal = label.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return isDecimal || label.hasPrefix("0x") && label.dropFirst(2).allSatisfy(\.isHexDigit)
    }
}
