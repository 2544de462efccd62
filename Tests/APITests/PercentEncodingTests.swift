import Testing

@testable import API

struct PercentEncodingTests {
    @Test(
        "Percent-encoding is read as UTF-8, what is broken is refused",
        arguments: [
            ("a%20b+c", "a b c"), ("%C3%A3", "ã"), ("", ""), ("%", nil), ("%2", nil), ("%zz", nil), ("%FF", nil),
        ] as [(String, String?)]
    )
    func decoding(text: String, value: String?) {
        #expect(PercentEncoding.decode(text.utf8, plusIsSpace: true) == value)
    }
}
