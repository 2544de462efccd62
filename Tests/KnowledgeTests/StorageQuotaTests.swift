internal import Knowledge
internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite("A tenant's storage", .database)
struct StorageQuotaTests {
    private let text = [UInt8](repeating: UInt8(ascii: "a"), count: 1000)
    private let limits: PlanLimits = {
        var limits = PlanLimits()
        limits.storageBytes = 10_500
        return limits
    }()

    @Test("Of 64 documents at once as many are accepted as there is room for, and what goes makes room")
    func atOnce() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await house.makeBase()
        let accepted = try await upload(64, to: house, base.id)
        #expect(accepted.count == 10)
        #expect(try await Self.storage() == ["10000"])
        #expect(try await Self.disagreements() == [])

        for document in accepted.prefix(3) {
            try await house.database.transaction(in: house.tenant) {
                try await house.documents.delete(document, in: $0)
            }
        }
        #expect(try await upload(8, to: house, base.id).count == 3)
        try await house.database.transaction(in: house.tenant) { try await house.bases.delete(base.id, in: $0) }
        #expect(try await Self.storage() == ["0"])
        #expect(try await Self.disagreements() == [])
    }

    @Test("A document that fails gives back its room, and what it stored is removed")
    func failed() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let accepted = try await house.accepted(Array("<script>x</script>".utf8), name: "a.html")
        #expect(try await Self.storage() == ["18"])
        try await house.work()
        #expect(house.observed.failed == [accepted.id] && house.observed.purged == [accepted.id])
        #expect(try await Self.storage() == ["0"])
        #expect(try await house.kept(accepted.id)?.blobs == 0)
        #expect(try await house.document(accepted.id).status == .failed)
        // Deleted afterwards, it gives back nothing twice.
        try await house.database.transaction(in: house.tenant) {
            try await house.documents.delete(accepted.id, in: $0)
        }
        #expect(try await Self.storage() == ["0"])
    }

    /// - Returns: those that were accepted.
    private func upload(_ count: Int, to house: KnowledgeHouse, _ base: KnowledgeBaseID) async throws -> [DocumentID] {
        try await withThrowingTaskGroup(of: DocumentID?.self) { group in
            for _ in 0..<count {
                group.addTask {
                    while true {
                        do {
                            return try await house.upload(text, into: base, within: limits).id
                        } catch let fault as Fault where fault.code == .databaseUnavailable {
                            // A starved machine may be late to connect; that decides nothing.
                        } catch let fault as Fault where fault.code == .quotaExceeded {
                            #expect(fault.text(in: .english).contains("10500 bytes"))
                            return nil
                        }
                    }
                }
            }
            return try await group.reduce(into: []) { if let id = $1 { $0.append(id) } }
        }
    }

    private static func storage() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectStorage())
    }

    private static func disagreements() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectStorageDisagreements())
    }
}

private struct SelectStorage: Statement {
    static let sql = "SELECT bytes::text FROM tenancy.storage_use"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct SelectStorageDisagreements: Statement {
    static let sql = """
        SELECT used::text FROM tenancy.storage_use AS used
        WHERE bytes <> (
            SELECT coalesce(sum(byte_count), 0) FROM knowledge.document
            WHERE document.tenant_id = used.tenant_id AND status IN ('queued', 'extracting', 'embedding', 'ready')
        )
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}
