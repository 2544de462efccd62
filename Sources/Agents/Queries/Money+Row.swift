internal import Analytics
internal import Postgres
internal import Primitives

extension Money {
    /// - Returns: nil for two NULLs.
    init?(from row: inout RowReader) throws {
        let amount = try row.read(ExactDecimal?.self)
        let currency = try row.read(Currency?.self)
        guard let amount, let currency else { return nil }
        self.init(amount, currency)
    }
}
