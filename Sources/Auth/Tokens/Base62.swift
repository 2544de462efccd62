internal import Secrets

/// Numbers in the 62 digits 0–9, A–Z, a–z, of a fixed length, the highest digit first.
enum Base62 {
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// What does not fit into `length` digits is cut off at the front.
    static func encode(_ value: UInt128, length: Int) -> [UInt8] {
        var rest = value
        var text: [UInt8] = []
        for _ in 0..<length {
            text.append(digits[Int(rest % 62)])
            rest /= 62
        }
        return text.reversed()
    }

    /// - Returns: nil where there is another character, or more than 128 bits.
    static func decode(_ text: some Collection<UInt8>) -> UInt128? {
        var value: UInt128 = 0
        for character in text {
            guard let digit = Self.digit(character) else { return nil }
            let (shifted, isTooLarge) = value.multipliedReportingOverflow(by: 62)
            let (sum, isStillTooLarge) = shifted.addingReportingOverflow(digit)
            guard !isTooLarge, !isStillTooLarge else { return nil }
            value = sum
        }
        return value
    }

    /// Digits that nobody can guess, each as likely as any other: 5.954 bits a digit.
    static func random(_ count: Int) -> [UInt8] {
        var text: [UInt8] = []
        while text.count < count {
            // Six bits each; the two of the 64 values that are no digit are drawn again.
            for byte in SecureRandom.bytes(count) where byte & 63 < 62 && text.count < count {
                text.append(digits[Int(byte & 63)])
            }
        }
        return text
    }

    private static func digit(_ character: UInt8) -> UInt128? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt128(character - UInt8(ascii: "0"))
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt128(character - UInt8(ascii: "A")) + 10
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt128(character - UInt8(ascii: "a")) + 36
        default: nil
        }
    }
}
