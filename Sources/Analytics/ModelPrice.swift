internal import Postgres
public import Primitives
public import Tenancy

/// What a model costs from a moment on: one version of its prices.
public struct ModelPrice: Hashable, Sendable {
    public let model: String
    public let version: Int
    /// Of one token of each meter.
    public let unitPrices: [Meter: Money]

    public struct Cost: Hashable, Sendable {
        public let lines: [Meter: Money]
        public let total: Money
        public let priceVersion: Int
    }

    /// The exact cost; nil where a meter that was used has no price, or the prices are in several currencies.
    public func cost(of tokens: TokenQuantities) -> Cost? {
        let currencies = Set(unitPrices.values.map(\.currency))
        guard let currency = currencies.first, currencies.count == 1 else { return nil }
        var lines: [Meter: Money] = [:]
        var total = ExactDecimal.zero
        for (meter, quantity) in tokens.meters {
            guard let unit = unitPrices[meter] else { return nil }
            let cost = unit.amount * ExactDecimal(quantity)
            lines[meter] = Money(cost, currency)
            total = total + cost
        }
        return Cost(lines: lines, total: Money(total, currency), priceVersion: version)
    }
}

extension TenantTransaction {
    /// The price of a model at a moment; nil where it has none.
    public func price(of model: String, at moment: Timestamp) async throws -> ModelPrice? {
        let rows = try await query(SelectPrices(model: model, moment: moment))
        guard let version = rows.first?.version else { return nil }
        let unitPrices = Dictionary(rows.map { ($0.meter, $0.unitPrice) }) { first, _ in first }
        return ModelPrice(model: model, version: version, unitPrices: unitPrices)
    }
}
