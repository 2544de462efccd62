internal import Knowledge
internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite("Documents, from upload to search", .database, .timeLimit(.minutes(1)))
struct DocumentIndexerTests {
    private let markdown = Array("# Planos\n\n## Preços\nO plano básico custa R$ 49,90.\n\n## Prazos\nCinco dias.".utf8)

    @Test("What is uploaded in pieces is found a moment later")
    func upload() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await house.makeBase()
        // Over one piece of the store, cut into many by the sender.
        let filler = (0..<30_000).map { "Parágrafo \($0) sobre outra coisa qualquer.\n\n" }.joined()
        let accepted = try await house.upload(
            markdown + Array(("\n\n# Resto\n\n" + filler).utf8),
            name: "planos.md",
            into: base.id,
            pieceSize: 65_521
        )
        #expect(accepted.status == .queued)
        try await house.work()
        let ready = try #require(house.observed.indexed.first)
        #expect(ready.status == .ready && ready.progress == 100 && ready.chunkCount > 800)
        #expect(ready.byteCount == accepted.byteCount && ready.indexedAt != nil)
        #expect(try await house.document(ready.id) == ready)

        let found = try await house.search.lexical(
            .init(query: "precos do basico", baseIDs: [base.id]),
            of: house.tenant
        )
        let first = try #require(found.first)
        #expect(first.breadcrumb == "Planos > Preços")
        #expect(first.documentName == "planos.md" && first.documentID == ready.id)
        #expect(first.excerpt(for: "precos do basico").contains("R$ 49,90"))
        #expect((0.7...1).contains(first.score))

        let counts = try await house.database.transaction(in: house.tenant) {
            try await house.bases.base(base.id, in: $0).counts
        }
        #expect(counts == KnowledgeBase.Counts(documents: 1, readyDocuments: 1, chunks: ready.chunkCount))
    }

    @Test("A file that is refused while it arrives leaves nothing behind")
    func refused() async throws {
        struct Broken: Error {}
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await house.makeBase()
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 2 << 20)
        let files: [(pieces: Pieces, code: Fault.Code?)] = [
            (Pieces(bytes: text + [0xFF], size: 1 << 16), .documentNotText),
            (Pieces(bytes: text + text, size: 1 << 16), .documentTooLarge),
            (Pieces(bytes: [], size: 1), .documentEmpty),
            (Pieces(bytes: text, size: 1 << 16, failure: Broken()), nil),
        ]
        for file in files {
            let error = try await #require(throws: (any Error).self) {
                try await house.uploads.receive(
                    file.pieces,
                    name: "a.txt",
                    kind: .plainText,
                    origin: .upload,
                    into: base.id,
                    of: house.tenant
                )
            }
            #expect((error as? Fault)?.code == file.code)
        }
        let page = try await house.database.transaction(in: house.tenant) {
            try await house.documents.documents(of: base.id, PageRequest(limit: 10, after: nil), in: $0)
        }
        #expect(page.items.isEmpty)
        #expect(try await house.test.administrator.query(CountRows()) != [0], "pieces had come")
        try await house.work()
        #expect(house.observed.purged.count == files.count)
        #expect(try await house.test.administrator.query(CountRows()) == [0])
    }

    @Test("A document that has no text once it is read fails with a reason that people understand")
    func failed() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let accepted = try await house.accepted(Array("<script>x</script>".utf8), name: "a.html")
        try await house.work()
        let document = try await house.document(accepted.id)
        #expect(document.status == .failed)
        #expect(try await house.jobs() == ["index_document completed", "purge_document completed"])
        #expect(document.failure?.code == "document_empty")
        #expect(document.failure?.text(in: .portuguese) == "O documento não tem texto.")
    }

    @Test("A deleted document is found by nothing at once; its text goes, its shell stays")
    func deletion() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let accepted = try await house.accepted(markdown, name: "segredo.md")
        try await house.work()
        try await house.database.transaction(in: house.tenant) {
            try await house.documents.delete(accepted.id, in: $0)
        }
        #expect(try await house.search.lexical(.init(query: "plano", baseIDs: nil), of: house.tenant).isEmpty)
        let fault = try await #require(throws: Fault.self) { try await house.document(accepted.id) }
        #expect(fault.code == .documentNotFound)
        #expect(try await house.jobs() == ["index_document completed", "purge_document available"])
        try await house.work()
        #expect(
            try await house.kept(accepted.id)
                == Kept.Row(blobs: 0, chunks: 0, events: 1, ledgerRows: 1, document: "deleted ")
        )
    }

    @Test("Deleting a base deletes its documents")
    func deleteBase() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let (base, other) = (try await house.makeBase(), try await house.makeBase())
        let gone = try await house.upload(markdown, into: base.id)
        let kept = try await house.upload(markdown, into: other.id)
        try await house.work()
        #expect(house.observed.indexed.count == 2)
        try await house.database.transaction(in: house.tenant) { try await house.bases.delete(base.id, in: $0) }
        let found = try await house.search.lexical(.init(query: "plano", baseIDs: nil), of: house.tenant)
        #expect(Set(found.map(\.documentID)) == [kept.id])
        try await house.work()
        #expect(house.observed.purged == [gone.id])
    }
}

private struct CountRows: Statement {
    static let sql = "SELECT (SELECT count(*) FROM knowledge.blob) + (SELECT count(*) FROM knowledge.chunk)"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
