internal import FoundationEssentials

/// An exact decimal number for money and quantities: never a binary float, a string on the wire.
///
/// At most 38 significant digits; what does not fit is refused, never rounded.
public struct ExactDecimal: Hashable, Sendable {
    private let value: Decimal

    private init(_ value: Decimal) {
        self.value = value
    }

    public init(_ value: Int) {
        self.init(Decimal(value))
    }

    public static let zero = ExactDecimal(0)

    /// Digits after the point, without trailing zeros.
    public var fractionDigits: Int {
        max(0, -normalized.exponent)
    }

    /// Digits before the point; 0 for a number below one.
    public var integerDigits: Int {
        let digits = description.drop { $0 == "-" }.prefix { $0 != "." }
        return digits == "0" ? 0 : digits.count
    }

    private var normalized: Decimal {
        Decimal(string: description) ?? value
    }

    public static func + (left: Self, right: Self) -> Self { Self(left.value + right.value) }
    public static func - (left: Self, right: Self) -> Self { Self(left.value - right.value) }
    public static func * (left: Self, right: Self) -> Self { Self(left.value * right.value) }
}

extension ExactDecimal: Comparable {
    public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

extension ExactDecimal: LosslessStringConvertible {
    /// Reads `-?digits[.digits]`, at most 38 significant digits; exponents, signs of plus, spaces, `NaN` are refused.
    public init?(_ description: String) {
        var digits = Substring(description)
        if digits.first == "-" { digits.removeFirst() }
        let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
            digits.utf8.count <= 64,
            digits.filter({ $0 != "." }).drop(while: { $0 == "0" }).count <= 38,
            let value = Decimal(string: description), value.isFinite
        else { return nil }
        self.init(value)
    }

    /// Plain digits, no exponent and no trailing zeros after the point.
    public var description: String {
        value.description
    }

    /// With zeros after the point up to so many digits, as in `149.90`.
    public func description(minimumFractionDigits: Int) -> String {
        let text = description
        let fraction = text.split(separator: ".").dropFirst().first?.count ?? 0
        guard fraction < minimumFractionDigits else { return text }
        return text + (fraction == 0 ? "." : "") + String(repeating: "0", count: minimumFractionDigits - fraction)
    }
}
