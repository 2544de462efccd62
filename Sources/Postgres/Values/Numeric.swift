public import Primitives

/// `numeric` in binary: count of base-10,000 digits, weight of the first, sign, digits shown after the point, digits
/// (Postgres, `numeric_send`). NaN, the infinities and numbers beyond 38 digits are refused, never rounded.
extension ExactDecimal: PostgresScalar {
    public static var postgresType: PostgresType { .numeric }
    public static var postgresArrayType: PostgresType { .numericArray }

    private static let positive: UInt16 = 0x0000
    private static let negative: UInt16 = 0x4000

    public func encode(into bytes: inout [UInt8]) -> Bool {
        var text = Substring(description).utf8
        let isNegative = text.first == UInt8(ascii: "-")
        if isNegative { text.removeFirst() }
        let parts = text.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        let integer = Array(parts[0])
        let fraction = parts.count > 1 ? Array(parts[1]) : []
        let zero = UInt8(ascii: "0")
        // Both sides of the point are padded to whole groups of four.
        let padded =
            [UInt8](repeating: zero, count: (4 - integer.count % 4) % 4) + integer + fraction
            + [UInt8](repeating: zero, count: (4 - fraction.count % 4) % 4)
        let groups = stride(from: 0, to: padded.count, by: 4).map { start in
            padded[start..<start + 4].reduce(Int16(0)) { $0 * 10 + Int16($1 - zero) }
        }
        let significant = groups.drop { $0 == 0 }
        let digits = significant[..<((significant.lastIndex { $0 != 0 } ?? significant.startIndex - 1) + 1)]
        let weight = (integer.count + 3) / 4 - 1 - (groups.count - significant.count)
        bytes.append(bigEndian: Int16(digits.count))
        bytes.append(bigEndian: Int16(digits.isEmpty ? 0 : weight))
        bytes.append(bigEndian: isNegative && !digits.isEmpty ? Self.negative : Self.positive)
        bytes.append(bigEndian: Int16(fraction.count))
        for digit in digits { bytes.append(bigEndian: digit) }
        return true
    }

    public init(postgres bytes: UnsafeRawBufferPointer, type: PostgresType) throws(PostgresValueError) {
        var reader = BinaryReader(bytes)
        let count = Int(try reader.integer(UInt16.self))
        let weight = Int(try reader.integer(Int16.self))
        let sign = try reader.integer(UInt16.self)
        let scale = Int(try reader.integer(UInt16.self))
        guard sign == Self.positive || sign == Self.negative else { throw PostgresValueError("not a number") }
        // 38 digits need at most 11 groups; a far weight would only make a long row of zeros to refuse.
        guard weight < 11, scale <= 16_383 else { throw PostgresValueError("more than 38 digits") }
        var groups: [Int: Int16] = [:]
        for index in 0..<count { groups[weight - index] = try reader.integer(Int16.self) }
        try reader.finish()
        var text = sign == Self.negative ? "-" : ""
        var integer = ""
        for position in stride(from: max(weight, 0), through: 0, by: -1) {
            integer += Self.fourDigits(groups[position] ?? 0)
        }
        let trimmed = integer.drop { $0 == "0" }
        text += trimmed.isEmpty ? "0" : trimmed
        var fraction = Substring()
        if count > 0, weight - count + 1 < 0 {
            for position in stride(from: -1, through: weight - count + 1, by: -1) {
                fraction += Self.fourDigits(groups[position] ?? 0)
            }
        }
        while fraction.last == "0" { fraction.removeLast() }
        if !fraction.isEmpty { text += "." + fraction }
        guard let value = ExactDecimal(text) else { throw PostgresValueError("more than 38 digits") }
        self = value
    }

    private static func fourDigits(_ group: Int16) -> String {
        let digits = String(group)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
