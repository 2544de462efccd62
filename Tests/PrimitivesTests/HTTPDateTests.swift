internal import Primitives
internal import Testing

@Suite struct HTTPDateTests {
    @Test(
        "a moment is written as RFC 9110 has it",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"),
        ]
    )
    func written(seconds: Int64, text: String) {
        #expect(Timestamp(secondsSinceEpoch: seconds).httpDate == text)
    }
}
