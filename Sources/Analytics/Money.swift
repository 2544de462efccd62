public import Postgres
public import Primitives

/// An exact amount in one currency.
public struct Money: Hashable, Sendable {
    public let amount: ExactDecimal
    public let currency: Currency

    /// The amount with its cents, as in `149.90`, and as many decimals as it takes to be exact.
    public var text: String { amount.description(minimumFractionDigits: 2) }

    public init(_ amount: ExactDecimal, _ currency: Currency) {
        self.amount = amount
        self.currency = currency
    }
}

/// A currency by its ISO 4217 letters.
public struct Currency: RawRepresentable, Hashable, Sendable, Comparable, PostgresText {
    public let rawValue: String

    /// - Returns: nil for what is not three capital letters.
    public init?(rawValue: String) {
        guard rawValue.utf8.count == 3, rawValue.utf8.allSatisfy({ (65...90).contains($0) }) else { return nil }
        self.rawValue = rawValue
    }

    private init(known rawValue: String) {
        self.rawValue = rawValue
    }

    public static let brl = Currency(known: "BRL")
    public static let usd = Currency(known: "USD")

    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Sums of money: one currency first, all others apart; nothing is converted.
public struct MoneyTotals: Hashable, Sendable {
    /// In the tenant's currency; zero where there is none of it.
    public let total: Money
    /// By currency.
    public let others: [Money]

    init(_ sums: [Currency: ExactDecimal], first currency: Currency) {
        total = Money(sums[currency] ?? .zero, currency)
        others = sums.filter { $0.key != currency }.sorted { $0.key < $1.key }.map { Money($0.value, $0.key) }
    }
}
