internal import Knowledge
internal import Primitives
internal import Testing

@Suite("Text of documents")
struct TextExtractorTests {
    private let extractor = TextExtractor()

    @Test("A byte order mark goes and line ends become line feeds")
    func plain() async throws {
        let extracted = try await extractor.extract([0xEF, 0xBB, 0xBF] + "Olá\r\nmundo\rfim\n".utf8, kind: .plainText)
        #expect(extracted == ExtractedText(text: "Olá\nmundo\nfim\n", syntax: .plain))
    }

    @Test(
        "What is no text is refused",
        arguments: [
            [0x50, 0x4B, 0x03, 0x04, 0x00, 0x14], [0xFF, 0xFE, 0x41], Array("ol\u{E1}".utf16.map { UInt8($0) }),
            Array("a\0b".utf8), [0x61, 0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0x1B, 0x02, 0x03, 0x61, 0x62],
        ] as [[UInt8]]
    )
    func notText(bytes: [UInt8]) async throws {
        let fault = try await #require(throws: Fault.self) { try await extractor.extract(bytes, kind: .plainText) }
        #expect(fault.code == .documentNotText)
    }

    @Test("What says nothing is refused", arguments: ["", " \n\t\u{A0}", "\u{FEFF}", "\u{200B}\u{2003}"])
    func empty(text: String) async throws {
        let fault = try await #require(throws: Fault.self) {
            try await extractor.extract(Array(text.utf8), kind: .markdown)
        }
        #expect(fault.code == .documentEmpty)
    }

    @Test("Wherever the pieces of a file are cut, it is judged alike", arguments: 1...7)
    func pieces(length: Int) throws {
        let text = Array("Ação 👩‍👩‍👧‍👦 é €uro".utf8)
        var inspection = TextInspection()
        for start in stride(from: 0, to: text.count, by: length) {
            try inspection.append(text[start..<min(start + length, text.count)])
        }
        try inspection.finish()

        var broken = TextInspection()
        let cut = text.prefix(9)
        for start in stride(from: 0, to: cut.count, by: length) {
            try broken.append(cut[start..<min(start + length, cut.count)])
        }
        #expect(throws: Fault.self) { try broken.finish() }
    }

    @Test("A page becomes Markdown without scripts, styles, navigation and pictures")
    func html() async throws {
        let page = """
            <!doctype html><html><head><title>t</title><style>.a{color:red}</style><script>if (a < b) x("</p>")</script>
            </head><body><nav><ul><li><a href="/">Início</a><nav>dentro</nav></ul></nav><h1 class="x">Planos</h1>
            <!-- segredo --><p title="a > b">Ol&aacute; <b>mundo</b><svg><text>desenho</text></svg></p>
            <h2>Pre&ccedil;os</h2><table><tr><th>Plano</th><th>Valor</th></tr><tr><td>Básico</td><td>R$ 49</td></tr></table>
            <img src="file:///etc/passwd"><iframe src="file:///etc/passwd"></iframe><NOSCRIPT>ative</NOSCRIPT></body></html>
            """
        let extracted = try await extractor.extract(Array(page.utf8), kind: .html)
        #expect(extracted.syntax == .markdown)
        #expect(
            extracted.text == """
                # Planos

                Olá **mundo**

                ## Preços

                | Plano  | Valor |
                |--------|-------|
                | Básico | R$ 49 |

                """
        )
    }

    @Test("A page of scripts only has no text")
    func scriptOnly() async throws {
        let fault = try await #require(throws: Fault.self) {
            try await extractor.extract(Array("<script>alert(1)</script><nav>x</nav>".utf8), kind: .html)
        }
        #expect(fault.code == .documentEmpty)
    }

    @Test(
        "Broken pages give what text they have",
        arguments: [
            "<p>texto<nav>", "<p>texto<!-- ", "<p>texto<script>", "<p>texto<a href='", "texto<", "</nav>texto",
            "<nav><svg></nav></svg>texto",
        ]
    )
    func brokenPages(page: String) async throws {
        #expect(try await extractor.extract(Array(page.utf8), kind: .html).text.contains("texto"))
    }

    @Test("Hundred thousand nested elements do no harm")
    func nested() async throws {
        let page =
            String(repeating: "<nav><svg>", count: 100_000) + String(repeating: "<div>", count: 100_000) + "texto"
        #expect(try await extractor.extract(Array(page.utf8), kind: .html).text.contains("texto"))
    }

    @Test("A converter that is not installed is said to be so")
    func missing() async throws {
        let extractor = TextExtractor(pandoc: Pandoc(executable: "pandoc-that-is-not-there"))
        let fault = try await #require(throws: Fault.self) {
            try await extractor.extract(Array("<p>a".utf8), kind: .html)
        }
        #expect(fault.code == .documentConverterMissing)
    }

    @Test("A page that needs too long or too much memory is given up")
    func limits() async throws {
        let page = Array(String(repeating: "<p>uma <b>palavra</b> e outra</p>", count: 30_000).utf8)
        for pandoc in [Pandoc(timeout: .milliseconds(100)), Pandoc(memory: 8)] {
            let fault = try await #require(throws: Fault.self) {
                try await TextExtractor(pandoc: pandoc).extract(page, kind: .html)
            }
            #expect(fault.code == .documentNotConvertible)
        }
    }

    @Test("A page over its limit is refused before it is read")
    func tooLarge() async throws {
        let page = [UInt8](repeating: UInt8(ascii: "a"), count: DocumentKind.html.maximumSize + 1)
        let fault = try await #require(throws: Fault.self) { try await extractor.extract(page, kind: .html) }
        #expect(fault.code == .documentTooLarge)
    }
}
