internal import Knowledge
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite("Knowledge bases", .database, .timeLimit(.minutes(1)))
struct KnowledgeBaseTests {
    @Test("A base is made, read, changed, and gone once deleted")
    func life() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await house.makeBase("Loja")
        #expect(base.counts == KnowledgeBase.Counts(documents: 0, readyDocuments: 0, chunks: 0))
        try await house.database.transaction(in: house.tenant) { transaction in
            let renamed = try await house.bases.update(base.id, name: "Outra", description: nil, in: transaction)
            #expect(renamed.name == "Outra" && renamed.description == "")
            try await house.bases.delete(base.id, in: transaction)
        }
        let fault = try await #require(throws: Fault.self) {
            try await house.database.transaction(in: house.tenant) { try await house.bases.base(base.id, in: $0) }
        }
        #expect(fault.code == .knowledgeBaseNotFound)
        await #expect(throws: Fault.self) {
            try await house.database.transaction(in: house.tenant) { try await house.bases.delete(base.id, in: $0) }
        }
    }

    @Test("Pages hold every base once, the newest first")
    func pages() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        var made: [KnowledgeBaseID] = []
        // Three of one transaction have the same time.
        for _ in 0..<3 {
            made += try await house.database.transaction(in: house.tenant) { transaction in
                var ids: [KnowledgeBaseID] = []
                for number in 0..<3 {
                    ids.append(try await house.bases.create(name: "\(number)", description: "", in: transaction).id)
                }
                return ids
            }
        }
        var seen: [KnowledgeBaseID] = []
        var cursor: PageCursor?
        repeat {
            let request = PageRequest(limit: 2, after: cursor)
            let page = try await house.database.transaction(in: house.tenant) {
                try await house.bases.bases(request, in: $0)
            }
            seen += page.items.map(\.id)
            cursor = page.next
        } while cursor != nil
        #expect(seen == made.reversed())
    }

    @Test("Another tenant's base is not there, to read, change, delete, fill or search")
    func isolation() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await house.makeBase()
        let stranger = TenantID.next()
        let attempts: [@Sendable (TenantTransaction) async throws -> Void] = [
            { _ = try await house.bases.base(base.id, in: $0) },
            { _ = try await house.bases.update(base.id, name: "x", description: nil, in: $0) },
            { try await house.bases.delete(base.id, in: $0) },
            { _ = try await house.documents.documents(of: base.id, PageRequest(limit: 1, after: nil), in: $0) },
            { _ in _ = try await house.upload(Array("olá".utf8), into: base.id, of: stranger) },
            { _ in
                _ = try await house.search.lexical(.init(query: "olá", baseIDs: [base.id]), of: stranger)
            },
        ]
        for attempt in attempts {
            let fault = try await #require(throws: Fault.self) {
                try await house.database.transaction(in: stranger, attempt)
            }
            #expect(fault.code == .knowledgeBaseNotFound)
        }
        let kept = try await house.database.transaction(in: house.tenant) {
            try await house.bases.base(base.id, in: $0)
        }
        #expect(kept == base)
    }
}
