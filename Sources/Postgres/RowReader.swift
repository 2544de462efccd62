/// One row, read column by column in the order of the select list.
///
/// A wrong type, an unexpected NULL or a column too many or too few is an error that names the statement, the column and
/// both types; it never says the value.
///
/// What is generic here is inlinable, so that the compiler makes code of it for a column's own type where a statement
/// decodes its row, in another module.
public struct RowReader {
    private let result: QueryResult
    private let row: Int
    private let statement: any Statement.Type
    private let columnCount: Int
    private(set) var column = 0

    init(_ result: QueryResult, row: Int, statement: any Statement.Type) {
        self.result = result
        self.row = row
        self.statement = statement
        columnCount = result.columnCount
    }

    @inlinable
    public mutating func read<T: PostgresDecodable>(_ type: T.Type = T.self) throws -> T {
        let cell = try next()
        guard let bytes = cell.bytes, T.isReadable(from: cell.type) else { throw mismatch(cell, T.self) }
        do throws(PostgresValueError) {
            return try T(postgres: bytes, type: cell.type)
        } catch {
            throw unreadable(cell, T.self, error)
        }
    }

    @inlinable
    public mutating func read<T: PostgresDecodable>(_ type: T?.Type = T?.self) throws -> T? {
        let cell = try next()
        guard T.isReadable(from: cell.type) else { throw mismatch(cell, T.self) }
        guard let bytes = cell.bytes else { return nil }
        do throws(PostgresValueError) {
            return try T(postgres: bytes, type: cell.type)
        } catch {
            throw unreadable(cell, T.self, error)
        }
    }

    /// A text column as the case of an enumeration that it names.
    @_disfavoredOverload
    public mutating func read<T: RawRepresentable<String>>(_ type: T.Type = T.self) throws -> T {
        guard let value = try read(T?.self) else { throw failure("NULL where \(T.self) was expected", at: column - 1) }
        return value
    }

    @_disfavoredOverload
    public mutating func read<T: RawRepresentable<String>>(_ type: T?.Type = T?.self) throws -> T? {
        guard let text = try read(String?.self) else { return nil }
        guard let value = T(rawValue: text) else { throw failure("text is no \(T.self)", at: column - 1) }
        return value
    }

    /// Leaves the rest of the row unread, on purpose.
    public mutating func skipRemaining() {
        column = columnCount
    }

    func finish() throws {
        guard column == columnCount else { throw failure("\(columnCount) columns, \(column) read", at: column) }
    }

    @usableFromInline
    mutating func next() throws -> Cell {
        guard column < columnCount else { throw failure("only \(column) columns", at: column) }
        defer { column += 1 }
        return result.cell(row: row, column: column)
    }

    @inline(never)
    @usableFromInline
    func mismatch<T>(_ cell: Cell, _ type: T.Type) -> PostgresError {
        failure("\(cell.bytes == nil ? "NULL" : "\(cell.type)") where \(T.self) was expected", at: column - 1)
    }

    @inline(never)
    @usableFromInline
    func unreadable<T>(_ cell: Cell, _ type: T.Type, _ error: PostgresValueError) -> PostgresError {
        failure("\(cell.type) as \(T.self): \(error.reason)", at: column - 1)
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
