internal import Primitives
internal import Testing

@testable import Analytics

@Suite struct ModelPriceTests {
    @Test("a cost is exact to the last digit of the unit price")
    func exactCost() throws {
        let price = try price([.tokensInput: "0.00000015", .tokensOutput: "0.0000006"])
        let cost = try #require(price.cost(of: TokenQuantities(input: 1_234_567, output: 89)))
        #expect(cost.total.amount.description == "0.18523845")
        #expect(cost.lines[.tokensInput]?.amount.description == "0.18518505")
        #expect(cost.lines[.tokensOutput]?.amount.description == "0.0000534")
        #expect(cost.total.currency == .usd)
    }

    @Test("a meter without a price leaves the whole cost open")
    func noMadeUpCost() throws {
        let price = try price([.tokensInput: "0.00000015", .tokensOutput: "0.0000006"])
        #expect(price.cost(of: TokenQuantities(input: 1, cached: 1, output: 1)) == nil)
        #expect(
            ModelPrice(model: "m", version: 1, unitPrices: [:]).cost(of: TokenQuantities(input: 1, output: 1)) == nil
        )
    }

    @Test("a model call gives an entry for each meter that it used, all of one key")
    func tokenEntries() throws {
        let key = LedgerKey(.run, RunID.next())
        let now = Timestamp("2026-11-22T12:00:00Z") ?? Timestamp(secondsSinceEpoch: 0)
        let entries = LedgerEntry.tokens(
            TokenQuantities(input: 10, cached: 0, cacheWrite: 0, output: 3),
            model: "m",
            price: try price([.tokensInput: "0.1", .tokensOutput: "0.2"]),
            key: key,
            at: now,
            of: LedgerSubject()
        )
        #expect(entries.map(\.meter) == [.tokensInput, .tokensOutput])
        #expect(entries.map(\.amount?.amount.description) == ["1", "0.6"])
        #expect(entries.allSatisfy { $0.key == key && $0.priceVersion == 3 })
    }

    private func price(_ units: [Meter: String]) throws -> ModelPrice {
        let unitPrices = try units.mapValues { Money(try #require(ExactDecimal($0)), .usd) }
        return ModelPrice(model: "m", version: 3, unitPrices: unitPrices)
    }
}
