/// A network of addresses (CIDR) and what it is for.
struct AddressBlock: Hashable, Sendable {
    /// The first address; 4 or 16 bytes.
    private let start: [UInt8]
    /// How many bits its addresses share with `start`.
    private let length: Int
    /// For the log.
    let use: String

    /// - Parameter start: the first bytes of the network's first address; the others are 0.
    static func four(_ start: [UInt8], _ length: Int, _ use: String) -> Self {
        Self(start: start + [UInt8](repeating: 0, count: 4 - start.count), length: length, use: use)
    }

    /// - Parameter start: the first groups of the network's first address; the others are 0.
    static func six(_ start: [UInt16], _ length: Int, _ use: String) -> Self {
        let bytes = start.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        return Self(start: bytes + [UInt8](repeating: 0, count: 16 - bytes.count), length: length, use: use)
    }

    func contains(_ address: IPAddress) -> Bool {
        guard address.bytes.count == start.count else { return false }
        let (whole, rest) = length.quotientAndRemainder(dividingBy: 8)
        guard address.bytes.prefix(whole) == start.prefix(whole) else { return false }
        return rest == 0 || (address.bytes[whole] ^ start[whole]) >> (8 - rest) == 0
    }
}
