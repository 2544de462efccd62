internal import Postgres
internal import Primitives

/// The prices of a model's newest version that is valid at a moment.
struct SelectPrices: Statement {
    static let sql = """
        SELECT version, meter, unit_price, currency FROM analytics.price
        WHERE model = $1 AND version = (
            SELECT version FROM analytics.price
            WHERE model = $1 AND valid_from <= $2 ORDER BY valid_from DESC, version DESC LIMIT 1
        )
        """
    let model: String
    let moment: Timestamp

    var bindings: Bindings { [model, moment] }

    static func decode(_ row: inout RowReader) throws -> (version: Int, meter: Meter, unitPrice: Money) {
        let version = try row.read(Int.self)
        let meter = try row.read(Meter.self)
        return (version, meter, Money(try row.read(ExactDecimal.self), try row.read(Currency.self)))
    }
}
