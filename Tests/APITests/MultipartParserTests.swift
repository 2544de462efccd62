import Testing

@testable import API

struct MultipartParserTests {
    private static let contentType = #"multipart/form-data; boundary="x-1""#
    private static let body = """
        preamble\r
        --x-1\r
        Content-Disposition: form-data; name="knowledge_base_id"\r
        \r
        42\r
        --x-1  \r
        Content-Disposition: form-data; name="file"; filename="a \\"b\\".md"\r
        Content-Type: text/markdown\r
        \r
        # Título\r
        --x-\r
        -x-1\r
        --x-1a\r
        --x-1 -\r
        --x-1-\r
        --x-1\r\r\n\r
        --x-1\r
        Content-Disposition: form-data; name="empty"\r
        \r
        \r
        --x-1--\r
        epilogue
        """

    private struct Parsed: Equatable {
        var parts: [MultipartParser.Part] = []
        var contents: [String] = []
    }

    private func parse(_ body: [UInt8], cutAt cuts: [Int]) throws -> Parsed {
        var parser = try MultipartParser(contentType: Self.contentType)
        var parsed = Parsed()
        var content: [UInt8] = []
        var start = 0
        for cut in cuts + [body.count] {
            for event in try parser.feed(body[start..<cut]) {
                switch event {
                case .part(let part): parsed.parts.append(part)
                case .data(let bytes): content += bytes
                case .partEnd:
                    parsed.contents.append(String(decoding: content, as: UTF8.self))
                    content = []
                }
            }
            start = cut
        }
        try parser.finish()
        return parsed
    }

    @Test("A form is read the same wherever the network cuts it")
    func everyCut() throws {
        let body = Array(Self.body.utf8)
        let expected = Parsed(
            parts: [
                .init(name: "knowledge_base_id", fileName: nil, contentType: nil),
                .init(name: "file", fileName: #"a "b".md"#, contentType: "text/markdown"),
                .init(name: "empty", fileName: nil, contentType: nil),
            ],
            contents: ["42", "# Título\r\n--x-\r\n-x-1\r\n--x-1a\r\n--x-1 -\r\n--x-1-\r\n--x-1\r\r\n", ""]
        )
        #expect(try parse(body, cutAt: []) == expected)
        for cut in 0..<body.count { #expect(try parse(body, cutAt: [cut]) == expected, "cut at \(cut)") }
        #expect(try parse(body, cutAt: Array(0..<body.count)) == expected)
    }

    @Test("A form without its closing boundary is refused, wherever it ends")
    func truncation() throws {
        let body = Array(Self.body.utf8)
        let end = try #require(body.firstRange(of: Array("--x-1--".utf8))).upperBound
        for length in 0..<end {
            var parser = try MultipartParser(contentType: Self.contentType)
            _ = try parser.feed(body[..<length])
            #expect(throws: MultipartParser.Failure.unexpectedEnd) { try parser.finish() }
        }
    }

    @Test(
        "A content type without a usable boundary is refused",
        arguments: ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; bound=x"]
    )
    func noBoundary(contentType: String) {
        #expect(throws: MultipartParser.Failure.noBoundary) { try MultipartParser(contentType: contentType) }
    }

    @Test("Headers that never end are refused before they fill the memory")
    func endlessHeaders() throws {
        var parser = try MultipartParser(contentType: Self.contentType)
        _ = try parser.feed(Array("--x-1\r\n".utf8))
        #expect(throws: MultipartParser.Failure.headersTooLarge) {
            for _ in 0..<10 { _ = try parser.feed([UInt8](repeating: 0x61, count: 4096)) }
        }
    }

    @Test("Sixteen parts are read, and one more refuses the form")
    func manyParts() throws {
        let part = "--x-1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n"
        var parser = try MultipartParser(contentType: Self.contentType)
        let events = try parser.feed(Array(String(repeating: part, count: 16).utf8))
        #expect(events.count { if case .part = $0 { true } else { false } } == 16)
        #expect(throws: MultipartParser.Failure.tooManyParts) { _ = try parser.feed(Array(part.utf8)) }
    }

    @Test("Padding that never ends is refused before it fills the memory")
    func endlessPadding() throws {
        var parser = try MultipartParser(contentType: Self.contentType)
        _ = try parser.feed(Array("--x-1".utf8))
        #expect(throws: MultipartParser.Failure.malformedHeaders) {
            for _ in 0..<10 { _ = try parser.feed([UInt8](repeating: 0x20, count: 4096)) }
        }
    }

    @Test("A part without a name is refused")
    func nameless() throws {
        for header in ["Content-Disposition: form-data", "Content-Type: text/plain", "nonsense"] {
            var parser = try MultipartParser(contentType: Self.contentType)
            #expect(throws: MultipartParser.Failure.malformedHeaders) {
                _ = try parser.feed(Array("--x-1\r\n\(header)\r\n\r\nx".utf8))
            }
        }
    }
}
