public import Primitives

/// What a model call used, in tokens; the four are disjoint.
public struct TokenQuantities: Hashable, Sendable {
    /// Uncached.
    public let input: Int
    public let cached: Int
    public let cacheWrite: Int
    /// With reasoning.
    public let output: Int

    public init(input: Int, cached: Int = 0, cacheWrite: Int = 0, output: Int) {
        self.input = input
        self.cached = cached
        self.cacheWrite = cacheWrite
        self.output = output
    }

    /// Those that are not zero.
    var meters: [(meter: Meter, quantity: Int)] {
        [(.tokensInput, input), (.tokensCached, cached), (.tokensCacheWrite, cacheWrite), (.tokensOutput, output)]
            .filter { $0.1 != 0 }
    }
}

extension LedgerEntry {
    /// The entries of one model call, each with its cost if the model has a price.
    /// - Parameter price: the model's at `occurredAt`; nil leaves the cost open, never made up.
    public static func tokens(
        _ tokens: TokenQuantities,
        model: String,
        price: ModelPrice?,
        key: LedgerKey,
        at occurredAt: Timestamp,
        of subject: LedgerSubject
    ) -> [LedgerEntry] {
        let cost = price?.cost(of: tokens)
        return tokens.meters.map { meter, quantity in
            LedgerEntry(
                meter,
                ExactDecimal(quantity),
                key: key,
                at: occurredAt,
                of: subject,
                amount: cost?.lines[meter],
                model: model,
                priceVersion: cost?.priceVersion ?? 0
            )
        }
    }
}
