internal import Knowledge
internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite("Lexical search", .database, .timeLimit(.minutes(1)))
struct KnowledgeSearchTests {
    @Test("The right passage comes first for 38 of the 40 questions at least, and among the first three for all")
    func relevance() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await index(of: house.tenant, in: house)
        var ranks: [String: Int] = [:]
        for (query, answer) in Corpus.questions {
            let found = try await house.search.lexical(.init(query: query, baseIDs: [base]), of: house.tenant)
            #expect(found.allSatisfy { (0...1).contains($0.score) })
            #expect(found.map(\.score) == found.map(\.score).sorted(by: >))
            ranks[query] = found.firstIndex {
                $0.content.split(whereSeparator: \.isWhitespace).joined(separator: " ").contains(answer)
            }
        }
        let misses = Corpus.questions.map(\.query).filter { ranks[$0] != 0 }
        #expect(misses.count <= 2, "not first: \(misses.map { ($0, ranks[$0]) })")
        #expect(Corpus.questions.allSatisfy { (ranks[$0.query] ?? 9) < 3 }, "\(ranks)")
    }

    @Test("Each tenant finds its own passages only, whatever it asks, and no tenant finds none")
    func isolation() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let stranger = TenantID.next()
        let base = try await index(of: house.tenant, in: house)
        let strangeBase = try await index(of: stranger, in: house)
        let mine = try await house.search.lexical(
            .init(query: "plano frete", baseIDs: nil, limit: 20),
            of: house.tenant
        )
        let theirs = try await house.search.lexical(.init(query: "plano frete", baseIDs: nil, limit: 20), of: stranger)
        #expect(!mine.isEmpty && mine.count == theirs.count)
        #expect(Set(mine.map(\.id)).isDisjoint(with: theirs.map(\.id)))
        // The function itself, past the services' own checks.
        #expect(try await house.test.app.query(RawSearch(bases: nil)) == [])
        #expect(try await house.test.app.query(RawSearch(bases: [base, strangeBase])) == [])
        let crossing = try await house.database.query(RawSearch(bases: [base, strangeBase]), in: house.tenant)
        #expect(!crossing.isEmpty && Set(crossing).isSubset(of: mine.map(\.id)))
    }

    @Test("Bases, limit and threshold narrow what is found; words of no passage find nothing")
    func narrowing() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await index(of: house.tenant, in: house)
        let empty = try await house.makeBase()
        func find(_ query: String, _ bases: [KnowledgeBaseID]?, limit: Int = 5, threshold: Double = 0) async throws
            -> Int
        {
            let request = KnowledgeSearch.Request(query: query, baseIDs: bases, limit: limit, threshold: threshold)
            return try await house.search.lexical(request, of: house.tenant).count
        }
        #expect(try await find("plano", [empty.id]) == 0)
        #expect(try await find("plano", [empty.id, base]) == 5)
        #expect(try await find("plano", [base], limit: 3) == 3)
        #expect(try await find("boleto xilofone", [base], threshold: 0.7) == 0)
        #expect(try await find("boleto xilofone", [base]) > 0)
        #expect(try await find("xilofone", nil) == 0)
        #expect(try await find("de a o que", nil) == 0)
        #expect(try await find("'); DROP TABLE x; -- & | ! <-> :*", nil) == 0)
    }

    @Test(
        "However a word is spelled, the stemmer of the server sees one word",
        arguments: [
            ["promoção", "promocao", "PROMOÇÕES", "promocoes"], ["cartão", "cartoes", "Cartões"],
            ["pães", "paes", "pão"],
            ["informações", "informacao"], ["condição", "condicoes"], ["preço", "preco", "preços"],
            ["cancelar", "cancelamento", "Cancelado"], ["importante", "importância", "importancias"],
            ["disponível", "disponiveis"], ["tokens", "token"], ["emails", "email"], ["úteis", "util"],
        ]
    )
    func stems(_ forms: [String]) async throws {
        let pool = try TestDatabase.current.app
        var stems: Set<[String]> = []
        for form in forms { stems.formUnion(try await pool.query(Stem(word: SearchText.normalise(form)))) }
        #expect(stems.count == 1 && stems != [[]])
    }

    @Test("Stop words are stop words, typed with their accents or without")
    func stopWords() async throws {
        let words = SearchText.normalise("nao voce ja ATÉ também são sao está à aos vocês")
        #expect(try await TestDatabase.current.app.query(Stem(word: words)) == [[]])
    }

    /// The corpus in a new base.
    private func index(of tenant: TenantID, in house: KnowledgeHouse) async throws -> KnowledgeBaseID {
        let base = try await house.makeBase(of: tenant)
        for (name, text) in Corpus.documents {
            _ = try await house.upload(Array(text.utf8), name: name, into: base.id, of: tenant)
        }
        try await house.work()
        return base.id
    }
}

private struct RawSearch: Statement {
    static let sql = "SELECT id FROM knowledge.search_lexical('plan fret', $1, 0, 20)"
    let bases: [KnowledgeBaseID]?
    var bindings: Bindings { [bases] }
    static func decode(_ row: inout RowReader) throws -> ChunkID { try row.read() }
}

private struct Stem: Statement {
    static let sql = "SELECT tsvector_to_array(to_tsvector('portuguese', $1))"
    let word: String
    var bindings: Bindings { [word] }
    static func decode(_ row: inout RowReader) throws -> [String] { try row.read() }
}
