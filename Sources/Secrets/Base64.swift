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
        text.withBytes { text in
            var digits = text[...]
            if isPadded {
                guard digits.count % 4 == 0 else { return nil }
                for _ in 0..<2 where digits.last == UInt8(ascii: "=") { digits.removeLast() }
            }
            return decode(UnsafeBufferPointer(rebasing: digits))
        }
    }

    private func decode(_ digits: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        let groups = digits.count / 4
        let rest = digits.count % 4
        guard rest != 1 else { return nil }
        // All values, one over the other: of 0xFF something is left.
        var seen: UInt8 = 0
        var unused: UInt8 = 0
        let bytes = values.withUnsafeBufferPointer { values in
            func value(_ index: Int) -> UInt32 {
                let value = values[Int(digits[index])]
                seen |= value
                return UInt32(value)
            }
            return [UInt8](unsafeUninitializedCapacity: digits.count * 3 / 4) { bytes, initialized in
                for group in 0..<groups {
                    let digit = group * 4
                    let bits = value(digit) << 18 | value(digit + 1) << 12 | value(digit + 2) << 6 | value(digit + 3)
                    bytes[group * 3] = UInt8(truncatingIfNeeded: bits >> 16)
                    bytes[group * 3 + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                    bytes[group * 3 + 2] = UInt8(truncatingIfNeeded: bits)
                }
                initialized = groups * 3
                guard rest > 0 else { return }
                let digit = groups * 4
                let bits = value(digit) << 18 | value(digit + 1) << 12 | (rest == 3 ? value(digit + 2) << 6 : 0)
                bytes[initialized] = UInt8(truncatingIfNeeded: bits >> 16)
                if rest == 3 { bytes[initialized + 1] = UInt8(truncatingIfNeeded: bits >> 8) }
                initialized += rest - 1
                unused = UInt8(truncatingIfNeeded: rest == 3 ? bits : bits >> 8)
            }
        }
        // Unused bits that are not zero are a second spelling.
        return seen < 64 && unused == 0 ? bytes : nil
    }
}
