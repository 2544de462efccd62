import FoundationEssentials
import Postgres
import Primitives
import TestSupport
import Testing

/// With statements prepared and not, since the two take different ways through libpq.
@Suite("Values", .database, .serialized)
struct ValueTests {
    enum Colour: String, PostgresText { case green, blue }

    private func expectRoundTrip<Value: PostgresEncodable & PostgresDecodable & Equatable>(
        _ values: [Value],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let database = try TestDatabase.current
        for usesPreparedStatements in [true, false] {
            try await database.withPool({ $0.usesPreparedStatements = usesPreparedStatements }) { pool in
                for value in values {
                    let rows = try await pool.query(Echo(value: value))
                    #expect(rows == [value], sourceLocation: sourceLocation)
                }
                let null = try await pool.query(EchoOptional<Value>(value: nil))
                #expect(null == [nil], sourceLocation: sourceLocation)
            }
        }
    }

    @Test("Numbers come back as they went, at their limits too")
    func numbers() async throws {
        try await expectRoundTrip([0, 1, -1, Int.max, Int.min])
        try await expectRoundTrip([0, Int32.max, Int32.min])
        try await expectRoundTrip([true, false])
        try await expectRoundTrip([0, -0.5, Double.greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity])
        try await expectRoundTrip([Float(0.1), -.greatestFiniteMagnitude])
    }

    @Test("Text comes back as it went, whatever it holds")
    func text() async throws {
        try await expectRoundTrip(["", "a", "conversão", "👩🏽‍🚀", String(repeating: "x", count: 1_000_000), "'; --\u{1}"])
        try await expectRoundTrip([Colour.green, .blue])
    }

    @Test("Ids, moments and documents come back as they went")
    func others() async throws {
        try await expectRoundTrip([UUID()])
        try await expectRoundTrip([AgentID.next(), .none])
        try await expectRoundTrip([
            Timestamp(microsecondsSinceEpoch: 0), Timestamp(microsecondsSinceEpoch: -1),
            Timestamp("2026-11-22T23:06:45.123456Z")!, Timestamp("9999-12-31T23:59:59.999999Z")!,
            Timestamp("0001-01-01T00:00:00Z")!,
        ])
        try await expectRoundTrip([JSON.null, ["a": [1, 2.5, "x", nil, true]], "text", 1, [:], []])
        try await expectRoundTrip([[UInt8](), [0, 255, 0], Array(repeating: 7, count: 300_000)])
    }

    @Test("Exact decimals come back as they went, and mean the same to the server")
    func decimals() async throws {
        let texts = [
            "0", "1", "-1", "0.1", "-0.0001", "0.00001", "10000", "9999.9999", "10000.00001", "123456789.987654321",
            "99999999999999999999999999999999999999", "-0.00000000000000000000000000000000000001", "100", "1000000000",
        ]
        try await expectRoundTrip(texts.map { ExactDecimal($0)! })
        let pool = try TestDatabase.current.administrator
        for text in texts {
            #expect(try await pool.query(AsText(value: ExactDecimal(text)!)) == [text])
        }
    }

    struct Number: Statement {
        static let sql = "SELECT $1::text::numeric"
        let text: String
        var bindings: Bindings { [text] }
        static func decode(_ row: inout RowReader) throws -> ExactDecimal { try row.read() }
    }

    @Test(
        "A numeric that is no exact decimal of 38 digits is refused, never rounded",
        arguments: ["NaN", "Infinity", "-Infinity", "1e38", "1e130000", "1.23456789012345678901234567890123456789"]
    )
    func refusedNumbers(text: String) async throws {
        let pool = try TestDatabase.current.administrator
        let error = await postgresError { try await pool.query(Number(text: text)) }
        #expect(error?.code == .decoding)
        #expect(try await pool.query(Number(text: "1.50")) == [ExactDecimal("1.5")!])
    }

    @Test("Arrays of every type come back as they went; an empty one too")
    func arrays() async throws {
        try await expectRoundTrip([[Int](), [1, -2, .max]])
        try await expectRoundTrip([[Int32](), [1]])
        try await expectRoundTrip([["", "a,b", "\"{}\""], []])
        try await expectRoundTrip([[true, false]])
        try await expectRoundTrip([[1.5, -0]])
        try await expectRoundTrip([[Float](repeating: 0.25, count: 1536)])
        try await expectRoundTrip([[UUID(), UUID()]])
        try await expectRoundTrip([[AgentID.next()]])
        try await expectRoundTrip([[Timestamp(secondsSinceEpoch: 1)]])
        try await expectRoundTrip([[ExactDecimal("1.25")!, .zero]])
        try await expectRoundTrip([[JSON.null, ["a": 1]]])
        try await expectRoundTrip([[[UInt8]](), [[0], []]])
        try await expectRoundTrip([[Colour.blue, .green]])
    }

    struct Infinity: Statement {
        static let sql = "SELECT 'infinity'::timestamptz"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Timestamp { try row.read() }
    }

    @Test("Infinity is no moment, neither read nor bound")
    func infinity() async throws {
        let pool = try TestDatabase.current.administrator
        #expect(await postgresError { try await pool.query(Infinity()) }?.code == .decoding)
        let last = Timestamp(microsecondsSinceEpoch: .min)
        #expect(await postgresError { try await pool.query(Echo(value: last)) }?.code == .encoding)
    }

    @Test("A NUL in a text is refused by the server and not cut")
    func nul() async throws {
        let pool = try TestDatabase.current.administrator
        let error = await postgresError { try await pool.query(Echo(value: "before\u{0}after")) }
        #expect(error?.sqlState == .characterNotInRepertoire)
        let document = await postgresError { try await pool.query(Echo(value: JSON.string("a\u{0}"))) }
        #expect(document?.sqlState == .untranslatableCharacter)
    }

    struct Small: Statement {
        static let sql = "SELECT 7::int2, 8::int4, 'n'::name, 'v'::varchar, '{\"a\":1}'::json, 1.5::float4"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> (Int, Int, String, String, JSON, Double) {
            (
                try row.read(), try row.read(), try row.read(), try row.read(), try row.read(),
                try row.read(Double.self)
            )
        }
    }

    @Test("Narrower columns are read by the wider type")
    func narrow() async throws {
        let row = try await TestDatabase.current.administrator.queryFirst(Small())!
        #expect(row == (7, 8, "n", "v", ["a": 1], 1.5))
    }

    struct Wrong: Statement {
        static let sql = "SELECT 'x'::text AS name"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
    }

    struct Null: Statement {
        static let sql = "SELECT 1, NULL::text AS nickname"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> (Int, String) { (try row.read(), try row.read()) }
    }

    struct TooFew: Statement {
        static let sql = "SELECT 1, 2"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
    }

    struct TooMany: Statement {
        static let sql = "SELECT 1"
        var bindings: Bindings { [] }
        static func decode(_ row: inout RowReader) throws -> (Int, Int) { (try row.read(), try row.read()) }
    }

    @Test("A row that does not fit names the statement, the column and both types")
    func misfits() async throws {
        let pool = try TestDatabase.current.administrator
        let wrong = await postgresError { try await pool.query(Wrong()) }
        #expect(wrong?.description == "postgres: decoding in Wrong: column 1 (name): text where Int was expected")
        let null = await postgresError { try await pool.query(Null()) }
        #expect(null?.description == "postgres: decoding in Null: column 2 (nickname): NULL where String was expected")
        let tooFew = await postgresError { try await pool.query(TooFew()) }
        #expect(tooFew?.description == "postgres: decoding in TooFew: column 2 (?column?): 2 columns, 1 read")
        let tooMany = await postgresError { try await pool.query(TooMany()) }
        #expect(tooMany?.code == .decoding)
        #expect(try await pool.query(SelectOne()) == [1])
    }
}
