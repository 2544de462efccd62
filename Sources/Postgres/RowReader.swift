/// One row, read column by column in the order of the select list.
///
/// A wrong type, an unexpected NULL or a column too many or too few is an error that names the statement, the column and
/// both types; it never says the value.
package struct RowReader {
    private let result: QueryResult
    private let row: Int
    private let statement: any Statement.Type
    private(set) var column = 0

    init(_ result: QueryResult, row: Int, statement: any Statement.Type) {
        self.result = result
        self.row = row
        self.statement = statement
    }

    package mutating func read<T: PostgresDecodable>(_ type: T.Type = T.self) throws -> T {
        guard let value = try next(T.self) else { throw failure("NULL where \(T.self) was expected", at: column - 1) }
        return value
    }

    package mutating func read<T: PostgresDecodable>(_ type: T?.Type = T?.self) throws -> T? {
        try next(T.self)
    }

    /// A text column as the case of an enumeration that it names.
    @_disfavoredOverload
    package mutating func read<T: RawRepresentable<String>>(_ type: T.Type = T.self) throws -> T {
        guard let value = try read(T?.self) else { throw failure("NULL where \(T.self) was expected", at: column - 1) }
        return value
    }

    @_disfavoredOverload
    package mutating func read<T: RawRepresentable<String>>(_ type: T?.Type = T?.self) throws -> T? {
        guard let text = try next(String.self) else { return nil }
        guard let value = T(rawValue: text) else { throw failure("text is no \(T.self)", at: column - 1) }
        return value
    }

    /// Leaves the rest of the row unread, on purpose.
    package mutating func skipRemaining() {
        column = result.columnCount
    }

    func finish() throws {
        guard column == result.columnCount else {
            throw failure("\(result.columnCount) columns, \(column) read", at: column)
        }
    }

    private mutating func next<T: PostgresDecodable>(_ type: T.Type) throws -> T? {
        guard column < result.columnCount else { throw failure("only \(column) columns", at: column) }
        defer { column += 1 }
        let columnType = result.type(ofColumn: column)
        guard T.isReadable(from: columnType) else {
            throw failure("\(columnType) where \(T.self) was expected", at: column)
        }
        do {
            return try result.withValue(row: row, column: column) { (bytes) throws(PostgresValueError) in
                try T(postgres: bytes, type: columnType)
            }
        } catch {
            throw failure("\(columnType) as \(T.self): \(error.reason)", at: column)
        }
    }

    private func failure(_ reason: String, at column: Int) -> PostgresError {
        let name = result.name(ofColumn: column).map { " (\($0))" } ?? ""
        return PostgresError(
            .decoding,
            statement: statement,
            reason: "column \(column + 1)\(name): \(reason)",
            effect: .unknown
        )
    }
}
