import Postgres
import Primitives
import TestSupport
import Testing

@Suite("Prepared statements", .database)
struct PreparedStatementTests {
    struct CountPrepared: Statement {
        static let sql = "SELECT count(*) FROM pg_prepared_statements"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
    }

    struct SelectShape: Statement {
        static let sql = "SELECT * FROM shape"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Int {
            row.skipRemaining()
            return 1
        }
    }

    struct DeallocateAll: Command {
        static let sql = "DEALLOCATE ALL"
        var bindings: Bindings { [] }
    }

    struct Numbered<Tag>: Statement {
        static var sql: String { "SELECT 1 AS \"\(Tag.self)\"" }
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
    }

    enum A {}
    enum B {}
    enum C {}

    @Test("A statement is prepared once; switched off, never")
    func once() async throws {
        let database = try TestDatabase.current
        try await database.withPool({ $0.poolSize = 1 }) { pool in
            for value in 0..<5 { _ = try await pool.query(Echo(value: value)) }
            #expect(try await pool.query(CountPrepared()) == [2])
            let twice = try await pool.batch(Echo(value: "a"), Echo(value: "b"))
            #expect(twice.0 == ["a"] && twice.1 == ["b"])
        }
        try await database.withPool({
            $0.poolSize = 1
            $0.usesPreparedStatements = false
        }) { pool in
            for value in 0..<5 { _ = try await pool.query(Echo(value: value)) }
            #expect(try await pool.query(CountPrepared()) == [0])
        }
    }

    @Test("No more are kept than the bound; the server drops the others")
    func bounded() async throws {
        let database = try TestDatabase.current
        try await database.withPool({
            $0.poolSize = 1
            $0.maximumPreparedStatements = 2
        }) { pool in
            for _ in 0..<3 {
                _ = try await pool.query(Numbered<A>())
                _ = try await pool.query(Numbered<B>())
                _ = try await pool.query(Numbered<C>())
                #expect(try await pool.query(CountPrepared())[0] <= 3)
            }
            for _ in 0..<3 {
                let counts = try await pool.transaction { transaction in
                    _ = try await transaction.query(Numbered<A>())
                    _ = try await transaction.query(Numbered<B>())
                    _ = try await transaction.query(Numbered<C>())
                    return try await transaction.query(CountPrepared())
                }
                // Within one transaction nothing is dropped.
                #expect(counts[0] <= 6)
            }
        }
    }

    @Test("A statement that could not be prepared is tried anew, and one whose table changed is prepared anew")
    func stale() async throws {
        let database = try TestDatabase.current
        try await database.withPool({ $0.poolSize = 1 }) { pool in
            for _ in 0..<2 {
                let error = await postgresError { try await pool.query(SelectShape()) }
                #expect(error?.sqlState == .undefinedTable)
                #expect(error?.description == "postgres: server 42P01 in SelectShape")
            }
            try await database.administrator.unsafeScript("CREATE TABLE shape (a int); INSERT INTO shape VALUES (1)")
            #expect(try await pool.query(SelectShape()) == [1])
            try await database.administrator.unsafeScript("ALTER TABLE shape ADD COLUMN b text")
            #expect(try await pool.query(SelectShape()) == [1])
            try await database.administrator.unsafeScript("ALTER TABLE shape ADD COLUMN c text")
            let error = await postgresError { try await pool.transaction { try await $0.query(SelectShape()) } }
            #expect(error?.sqlState == .featureNotSupported)
            #expect(try await pool.transaction { try await $0.query(SelectShape()) } == [1])
        }
    }

    @Test("Statements that the server has lost are prepared anew")
    func lost() async throws {
        let database = try TestDatabase.current
        try await database.withPool({ $0.poolSize = 1 }) { pool in
            #expect(try await pool.query(Echo(value: 1)) == [1])
            try await pool.execute(DeallocateAll())
            #expect(try await pool.query(Echo(value: 2)) == [2])
        }
    }
}
