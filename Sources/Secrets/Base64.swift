/// Base64 (RFC 4648), strict: a text decodes only if it is the one that encoding gives, so a token, a signature or a
/// key has one spelling.
public struct Base64: Sendable {
    /// §4, padded with `=`.
    public static let standard = Base64(alphabet: "+/", isPadded: true)
    /// §5, `-` and `_` for `+` and `/`, never padded: JWT, JWK and our own keys.
    public static let url = Base64(alphabet: "-_", isPadded: false)

    private let isPadded: Bool
    private let digits: [UInt8]
    /// The value of each byte as a digit; 0xFF for what is none.
    private let values: [UInt8]

    private init(alphabet last: String, isPadded: Bool) {
        self.isPadded = isPadded
        digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8) + Array(last.utf8)
        var values = [UInt8](repeating: 0xFF, count: 256)
        for (value, digit) in digits.enumerated() { values[Int(digit)] = UInt8(value) }
        self.values = values
    }

    public func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var bitCount = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            bitCount += 8
            while bitCount >= 6 {
                bitCount -= 6
                text.append(digits[Int(bits >> bitCount & 0x3F)])
            }
        }
        if bitCount > 0 { text.append(digits[Int(bits << (6 - bitCount) & 0x3F)]) }
        while isPadded, text.count % 4 != 0 { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }

    public func decode(_ text: some StringProtocol) -> [UInt8]? {
        decode(text.utf8)
    }

    public func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var digits = Array(text)
        if isPadded {
            guard digits.count % 4 == 0 else { return nil }
            for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count * 3 / 4)
        var bits: UInt32 = 0
        var bitCount = 0
        for digit in digits {
            let value = values[Int(digit)]
            guard value != 0xFF else { return nil }
            bits = bits << 6 | UInt32(value)
            bitCount += 6
            if bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
            }
        }
        // Six bits left over are a digit too many; unused bits that are not zero are a second spelling.
        guard bitCount < 6, bits & (1 << bitCount - 1) == 0 else { return nil }
        return bytes
    }
}
