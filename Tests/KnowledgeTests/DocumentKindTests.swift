internal import Knowledge
internal import Primitives
internal import Testing

@Suite("Kinds and names of files")
struct DocumentKindTests {
    @Test(
        "The extension decides, where the content type does not contradict it",
        arguments: [
            ("a.txt", "text/plain; charset=utf-8", DocumentKind.plainText),
            ("LEIA.MD", "application/octet-stream", .markdown),
            ("a.md", "text/plain", .markdown), ("a.b.html", "text/html", .html), ("a.htm", nil, .html),
            ("LICENSE", "text/plain", .plainText), ("notas", "Text/Markdown", .markdown),
        ] as [(String, String?, DocumentKind)]
    )
    func accepts(name: String, type: String?, kind: DocumentKind) throws {
        #expect(try DocumentKind(fileName: name, contentType: type) == kind)
    }

    @Test(
        "Others are refused with the list of what is supported",
        arguments: [
            ("a.pdf", "application/pdf"), ("a.txt.exe", "text/plain"), ("a.txt", "application/pdf"), ("a", nil),
            ("a.html", "text/markdown"), ("a.", "text/plain"), ("a.docx", "text/plain"),
        ] as [(String, String?)]
    )
    func refuses(name: String, type: String?) throws {
        let fault = try #require(throws: Fault.self) { try DocumentKind(fileName: name, contentType: type) }
        #expect(fault.code == .unsupportedDocumentType)
        #expect(fault.code.kind == .unsupportedMediaType)
        #expect(fault.text(in: .english).contains(".txt, .md, .markdown, .html, .htm"))
    }

    @Test("A name is composed and trimmed")
    func name() throws {
        let name = try FileName("  Prec\u{327}os 2025.md ")
        #expect(Array(name.text.unicodeScalars) == Array("Preços 2025.md".unicodeScalars))
    }

    @Test(
        "A name that is a path or deceives is refused",
        arguments: [
            "../etc/passwd.txt", "a/b.txt", "a\\b.txt", "..", ".", "", "  ", "a\0.txt", "a\n.txt", "a\u{202E}txt.exe",
            "a\u{2066}.txt", "a\u{85}.txt", "a\u{2028}.txt", String(repeating: "a", count: 256),
        ]
    )
    func refusesName(name: String) throws {
        let fault = try #require(throws: Fault.self) { try FileName(name) }
        #expect(fault.code == .validation)
        #expect(fault.problems.count == 1)
        #expect(fault.problems.allSatisfy { $0.field == "file" })
        let shown = try #require(fault.problems.first?.value)
        #expect(!shown.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test("Everything that is wrong with a name is said at once")
    func allProblems() throws {
        let fault = try #require(throws: Fault.self) { try FileName("../\0" + String(repeating: "a", count: 300)) }
        #expect(fault.problems.count == 3)
    }
}
