import Primitives
import Testing

struct TimestampTests {
    @Test(
        "RFC 3339 is read to the microsecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59.999999Z", 951_868_799_999_999),
            ("2018-11-04T01:00:00-02:00", 1_541_300_400_000_000), ("1969-12-31T23:59:59.5Z", -500_000),
            ("2026-11-22T23:06:45.1234569+00:00", 1_795_388_805_123_456), ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ]
    )
    func parses(text: String, microseconds: Int64) throws {
        let timestamp = try #require(Timestamp(text))
        #expect(timestamp.microsecondsSinceEpoch == microseconds)
        #expect(Timestamp(timestamp.description) == timestamp)
    }

    @Test(
        "What is no moment is refused",
        arguments: [
            "", "2026-11-22", "2026-11-22T10:00:00", "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-22T24:00:00Z",
            "2026-11-22T23:59:60Z", "2026-11-22T10:00:00.Z", "2026-11-22 10:00:00Z", "2026-11-22T10:00:00+3", "x",
            "2026-11-22T10:00:00ZZ", "1900-02-29T00:00:00Z",
        ]
    )
    func refuses(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("Every day of four centuries comes back from its text")
    func everyDay() throws {
        for day in stride(from: Int64(-62_091), through: 84_006, by: 1) {
            let timestamp = Timestamp(secondsSinceEpoch: day * 86_400 + 43_200)
            #expect(Timestamp(timestamp.description) == timestamp)
        }
    }
}

struct ExactDecimalTests {
    @Test("Decimals are exact and written plainly")
    func arithmetic() throws {
        let tenth = try #require(ExactDecimal("0.1"))
        let fifth = try #require(ExactDecimal("0.2"))
        #expect((tenth + fifth).description == "0.3")
        #expect((tenth * fifth - tenth).description == "-0.08")
        #expect(ExactDecimal("100000000000000000000.01")?.description == "100000000000000000000.01")
        #expect(ExactDecimal("1.50") == ExactDecimal("1.5"))
        #expect(ExactDecimal("199.90")?.fractionDigits == 1)
        #expect(ExactDecimal("199.90")?.integerDigits == 3)
        #expect(ExactDecimal("0.05")?.integerDigits == 0)
        #expect(ExactDecimal("-12")?.integerDigits == 2)
        let padded = ["149.9", "12", "0.125", "-3.1"].map { ExactDecimal($0)?.description(minimumFractionDigits: 2) }
        #expect(padded == ["149.90", "12.00", "0.125", "-3.10"])
    }

    @Test(
        "What is no plain decimal is refused",
        arguments: ["", "-", ".5", "5.", "1e3", "+1", "NaN", " 1", "1,5", "12345678901234567890123456789012345678.9", "٣"]
    )
    func refuses(text: String) {
        #expect(ExactDecimal(text) == nil)
    }
}

struct IdentifierTests {
    @Test("Ids made in one process grow, whoever makes them")
    func monotonic() async {
        let batches = await withTaskGroup(of: [AgentID].self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<5_000).map { _ in AgentID.next() } }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for batch in batches { #expect(zip(batch, batch.dropFirst()).allSatisfy { $0 < $1 }) }
        #expect(Set(batches.joined()).count == 40_000)
    }

    @Test("Ids are UUIDv7 in lower case")
    func form() throws {
        let id = AgentID.next()
        let text = id.description
        #expect(text == text.lowercased())
        #expect(text.dropFirst(14).first == "7")
        #expect("89ab".contains(try #require(text.dropFirst(19).first)))
        #expect(AgentID(text) == id)
        #expect(AgentID("not an id") == nil)
        #expect(AgentID(String(text.dropLast())) == nil)
    }
}

struct TextTests {
    @Test("A redacted value shows itself to nobody who prints it")
    func redaction() {
        let secret = Redacted("s3cr3t")
        var dumped = ""
        dump(secret, to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(reflecting: [secret]), dumped] {
            #expect(!text.contains("s3cr3t"))
        }
    }

    @Test("Names are trimmed and composed")
    func displayNames() {
        #expect(DisplayName.normalized(" \t Promoc\u{327}a\u{303}o \n").unicodeScalars.elementsEqual("Promoção".unicodeScalars))
        #expect(DisplayName.normalized(" \u{3000} ") == "")
    }

    @Test("A cursor comes back from its text, another text is no cursor")
    func cursors() {
        let cursor = PageCursor(createdAt: Timestamp(microsecondsSinceEpoch: 1_795_388_805_123_456), id: AgentID.next().uuid)
        #expect(PageCursor(cursor.description) == cursor)
        for text in ["", "-", "zz", "12", "x-\(cursor.id)", "1--1"] { #expect(PageCursor(text) == nil) }
    }
}
