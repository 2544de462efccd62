import Primitives
import Testing

struct JSONTests {
    @Test(
        "What is JSON is read and written back the same",
        arguments: [
            "null", "true", "[]", "{}", "[1,-0.5,1e400,123456789012345678901234567890.10]",
            #"{"b":1,"a":[{"c":null}]}"#,
            #""á\"\\\n\u0001😀""#,
        ]
    )
    func roundTrip(text: String) throws {
        #expect(try JSON.parse(text).root.description == text)
    }

    @Test(
        "What is not JSON is refused, with the place",
        arguments: [
            ("", JSONSyntaxError.Reason.unexpectedEnd, 0), ("[1,]", .unexpectedCharacter, 3),
            ("01", .unexpectedCharacter, 1),
            ("{\"a\":1,\"a\":2}", .duplicateName, 7), ("\"\t\"", .unexpectedCharacter, 1), ("nul", .unexpectedEnd, 3),
            ("\"\\x\"", .invalidEscape, 2), ("1 2", .unexpectedCharacter, 2), ("[", .unexpectedEnd, 1),
            ("+1", .unexpectedCharacter, 0), (".5", .unexpectedCharacter, 0), ("1.", .unexpectedEnd, 2),
            ("\u{FEFF}1", .unexpectedCharacter, 0), ("NaN", .unexpectedCharacter, 0), ("\"\\u12\"", .unexpectedEnd, 3),
        ]
    )
    func refusal(text: String, reason: JSONSyntaxError.Reason, offset: Int) {
        #expect(throws: JSONSyntaxError(reason: reason, offset: offset)) { try JSON.parse(text) }
    }

    @Test("A name given twice is found among few and among many", arguments: [2, 16, 17, 18, 40], [0, 1, 15, 16, 39])
    func duplicateNames(count: Int, first: Int) throws {
        let names = (0..<count).map { "\"n\($0)\":0" }
        #expect(try JSON.parse("{\(names.joined(separator: ","))}").root.object?.members.count == count)
        let again = "\"n\(min(first, count - 1))\":0"
        #expect {
            try JSON.parse("{\((names + [again]).joined(separator: ","))}")
        } throws: {
            ($0 as? JSONSyntaxError)?.reason == .duplicateName
        }
    }

    @Test("Invalid UTF-8 is refused at its first byte")
    func invalidUTF8() {
        #expect(throws: JSONSyntaxError(reason: .invalidUTF8, offset: 2)) {
            try JSON.parse([0x22, 0x61, 0xFF, 0x22])
        }
        #expect(throws: JSONSyntaxError(reason: .invalidUTF8, offset: 1)) {
            try JSON.parse([0x22, 0xED, 0xA0, 0x80, 0x22])
        }
    }

    @Test("Ten thousand levels are refused without using the stack")
    func deepNesting() {
        for open in ["[", "{\"a\":"] {
            #expect(throws: JSONSyntaxError.self) { try JSON.parse(String(repeating: open, count: 10_000)) }
        }
        let allowed = String(repeating: "[", count: 60) + String(repeating: "]", count: 60)
        #expect(throws: Never.self) { try JSON.parse(allowed) }
    }

    @Test("Strings that cannot be stored are named by their path")
    func unstorableStrings() throws {
        let text = #"{"a":["ok","x\u0000y"],"b":{"c":"\ud83d"},"d":"\ud83d\ude00","\u0000":1}"#
        let document = try JSON.parse(text)
        #expect(document.unstorablePaths == ["a[1]", "b.c", ""])
        #expect(document.root["d"] == "😀")
    }

    @Test("Every escape and every split pair of surrogates is understood")
    func escapes() throws {
        #expect(try JSON.parse(#""\b\f\n\r\t\/\u00e7""#).root == "\u{8}\u{C}\n\r\t/ç")
        #expect(try JSON.parse(#""\ud83dx""#).unstorablePaths == [""])
        #expect(try JSON.parse(#""\ud83d\u0041""#).root.string?.hasSuffix("A") == true)
    }

    @Test("Numbers keep what a binary float would lose")
    func exactNumbers() throws {
        let number = try JSON.parse("0.1000000000000000055511151231257827").root
        guard case .number(let exact) = number else { throw Unexpected() }
        #expect(exact.decimal?.description == "0.1000000000000000055511151231257827")
        #expect(try JSON.parse("2.0").root.integer == 2)
        #expect(try JSON.parse("2.5").root.integer == nil)
        for text in ["1e-999999999", "-0.1e-400", "5E-324"] { #expect(try JSON.parse(text).root.integer == nil) }
        for text in ["0.0", "-0", "0e5", "0e-999999999"] { #expect(try JSON.parse(text).root.integer == 0) }
        #expect(try JSON.parse("9223372036854775807").root.integer == .max)
        #expect(try JSON.parse("1e400").root.double == nil)
    }

    struct Unexpected: Error {}
}
