internal import CLibPQ

/// The result of one statement, immutable, decoded where it is used.
///
/// `@unchecked Sendable`: after `PQgetResult` returned it, libpq never writes to a `PGresult` again ("normally read-only
/// after creation, and so can be passed around freely between threads", libpq, "Behavior in Threaded Programs"); only
/// readers are called here, and `PQclear` once, by the last owner.
final class QueryResult: @unchecked Sendable {
    private let result: OpaquePointer
    private let types: [PostgresType]

    init(owning result: OpaquePointer) {
        self.result = result
        types = (0..<PQnfields(result)).map { PostgresType(oid: PQftype(result, $0)) }
    }

    deinit {
        PQclear(result)
    }

    var rowCount: Int { Int(PQntuples(result)) }
    var columnCount: Int { types.count }
    /// `INSERT 0 1`, `SELECT 20`, `COMMIT`.
    var commandTag: String { String(cString: PQcmdStatus(result)) }
    /// Rows that the command affected or returned; 0 for those that count none.
    var affectedRows: Int { Int(String(cString: PQcmdTuples(result))) ?? 0 }

    func name(ofColumn column: Int) -> String? {
        PQfname(result, Int32(column)).map { String(cString: $0) }
    }

    func cell(row: Int, column: Int) -> Cell {
        let type = types[column]
        let (row, column) = (Int32(row), Int32(column))
        let length = PQgetlength(result, row, column)
        // NULL has no length.
        guard length > 0 || PQgetisnull(result, row, column) == 0 else { return Cell(type: type, bytes: nil) }
        return Cell(
            type: type,
            bytes: UnsafeRawBufferPointer(start: PQgetvalue(result, row, column), count: Int(length))
        )
    }

    func rows<S: Statement>(_ statement: S.Type) throws -> [S.Row] {
        let count = rowCount
        var rows: [S.Row] = []
        rows.reserveCapacity(count)
        for index in 0..<count {
            var reader = RowReader(self, row: index, statement: statement)
            rows.append(try S.decode(&reader))
            try reader.finish()
        }
        return rows
    }
}

/// One column of one row, in binary format; valid as long as its `QueryResult`.
@usableFromInline
struct Cell {
    @usableFromInline let type: PostgresType
    /// nil for NULL.
    @usableFromInline let bytes: UnsafeRawBufferPointer?
}
