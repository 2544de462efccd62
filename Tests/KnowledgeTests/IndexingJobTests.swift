internal import Knowledge
internal import Postgres
internal import Primitives
internal import Synchronization
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs

@Suite("The job of a document", .database, .timeLimit(.minutes(1)))
struct IndexingJobTests {
    private struct Broken: Error {}

    private let markdown = Array("# Planos\n\n## Preços\nO plano básico custa R$ 49,90.\n\n## Prazos\nCinco dias.".utf8)

    @Test("is there once the document is accepted, and not where that was rolled back")
    func acceptance() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await house.makeBase()
        let received = try await house.receive(markdown, into: base.id)
        await #expect(throws: Broken.self) {
            try await house.database.transaction(in: house.tenant) { transaction in
                _ = try await house.uploads.accept(received, within: PlanLimits(), in: transaction)
                throw Broken()
            }
        }
        #expect(try await house.jobs(expiries: true) == ["expire_upload scheduled"])
        _ = try await house.database.transaction(in: house.tenant) {
            try await house.uploads.accept(received, within: PlanLimits(), in: $0)
        }
        #expect(try await house.jobs(expiries: true) == ["expire_upload scheduled", "index_document available"])
    }

    @Test("its workers are told when it is accepted, and when what was received is thrown away")
    func told() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let woken = WokenTopics()
        let database = TenantDatabase(pool: house.test.app, wake: woken.record)
        let uploads = DocumentUploads(database: database, originals: house.originals)
        let base = try await house.makeBase()
        let accepted = try await house.receive(markdown, into: base.id)
        let refused = try await house.receive(markdown, into: base.id)
        _ = try await database.transaction(in: house.tenant) {
            try await uploads.accept(accepted, within: PlanLimits(), in: $0)
        }
        #expect(woken.all == [JobQueue.documents.wakeUpTopic])
        await uploads.discard(refused)
        #expect(woken.all == [JobQueue.documents.wakeUpTopic, JobQueue.documents.wakeUpTopic])
        #expect(try await house.jobs() == ["index_document available", "purge_document available"])
    }

    @Test("that a killed process left half done is done again, and the document is counted once")
    func recovery() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let accepted = try await house.accepted(markdown)
        // As after kill -9 between two batches: passages of the earlier try.
        try await house.loseWorker { _, jobs in
            #expect(jobs.count == 1)
            try await house.test.administrator.unsafeScript(
                """
                UPDATE knowledge.document SET status = 'embedding';
                INSERT INTO knowledge.chunk
                SELECT tenant_id, gen_random_uuid(), id, 0, '', 'meio', 0, 4,
                    knowledge.search_vector(tenant_id, base_id, '', 'meio')
                FROM knowledge.document;
                """
            )
        }
        try await house.work()
        #expect(house.observed.indexed.map(\.chunkCount) == [2])
        #expect(try await house.kept(accepted.id) == .ready)
        #expect(try await house.search.lexical(.init(query: "meio", baseIDs: nil), of: house.tenant).isEmpty)
    }

    @Test("that was taken from a worker is not that worker's any more: it writes nothing beside the one that has it")
    func twoWorkers() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let accepted = try await house.accepted(markdown)
        let (secondBegan, begin) = AsyncStream.makeStream(of: Void.self)
        let (firstEnded, end) = AsyncStream.makeStream(of: Void.self)
        let second = house.worker(
            originals: InterruptedOriginals(originals: house.originals) {
                begin.finish()
                for await _ in firstEnded {}
            }
        )
        try await withThrowingTaskGroup { group in
            let (claimed, claim) = AsyncStream.makeStream(of: ClaimedJob.self)
            group.addTask { for await job in claimed { await second.execute(job) } }
            let first = house.worker(
                originals: InterruptedOriginals(originals: house.originals) {
                    try await house.takeAway()
                    for job in try await second.claim() { claim.yield(job) }
                    claim.finish()
                    for await _ in secondBegan {}
                }
            )
            for job in try await first.claim() { await first.execute(job) }
            #expect(try await house.kept(accepted.id)?.chunks == 0)
            #expect(try await house.document(accepted.id).status == .extracting, "the second one's")
            end.finish()
            try await group.waitForAll()
        }
        #expect(house.observed.indexed.map(\.id) == [accepted.id])
        #expect(try await house.kept(accepted.id) == .ready)
    }

    @Test("that another worker has ended meanwhile is not done over what that one wrote")
    func lateWorker() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let accepted = try await house.accepted(markdown)
        let written = Mutex<[ChunkID]>([])
        let late = house.worker(
            originals: InterruptedOriginals(originals: house.originals) {
                try await house.takeAway()
                try await house.work()
                let ids = try await house.test.administrator.query(SelectChunkIDs())
                written.withLock { $0 = ids }
            }
        )
        for job in try await late.claim() { await late.execute(job) }
        #expect(written.withLock(\.count) == 2)
        #expect(try await house.test.administrator.query(SelectChunkIDs()) == written.withLock(\.self))
        #expect(try await house.kept(accepted.id) == .ready)
        #expect(house.observed.indexed.count == 1)
    }

    @Test("is done once by two processes that look for it at the same time")
    func twoProcesses() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await house.makeBase()
        var accepted: [DocumentID] = []
        for number in 0..<8 {
            accepted.append(try await house.upload(Array("Texto \(number)".utf8), into: base.id).id)
        }
        try await withThrowingTaskGroup { group in
            for worker in [house.worker(), house.worker()] {
                group.addTask { try await worker.run() }
            }
            try await until { try await house.jobs().allSatisfy { $0 == "index_document completed" } }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(house.observed.indexed.map(\.id).sorted() == accepted.sorted())
        for id in accepted {
            let kept = try await house.kept(id)
            #expect(kept?.events == 1 && kept?.ledgerRows == 1 && kept?.chunks == 1)
        }
    }

    @Test("ends with the document's event and its ledger row, or not at all")
    func atomic() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        // A ledger that refuses every row.
        try await house.test.administrator.unsafeScript(
            "ALTER TABLE analytics.usage_event ADD CONSTRAINT refused CHECK (false) NOT VALID"
        )
        let accepted = try await house.accepted(markdown)
        try await house.work()
        let document = try await house.document(accepted.id)
        #expect(document.status == .queued && document.progress == 0 && document.indexedAt == nil)
        #expect(try await house.jobs() == ["index_document scheduled"])
        #expect(try await house.kept(accepted.id)?.events == 0)
        #expect(try await house.search.lexical(.init(query: "plano", baseIDs: nil), of: house.tenant).isEmpty)
    }

    @Test("ends where the document is deleted while it is read, and what was written is removed")
    func deletedMeanwhile() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let accepted = try await house.accepted(markdown)
        try await house.work(
            originals: InterruptedOriginals(originals: house.originals) {
                try await house.database.transaction(in: house.tenant) {
                    try await house.documents.delete(accepted.id, in: $0)
                }
            }
        )
        #expect(try await house.jobs() == ["index_document discarded", "purge_document completed"])
        #expect(
            try await house.kept(accepted.id)
                == Kept.Row(blobs: 0, chunks: 0, events: 0, ledgerRows: 0, document: "deleted ")
        )
    }
}

extension Kept.Row {
    /// Of two passages, told and counted once.
    fileprivate static let ready = Self(blobs: 1, chunks: 2, events: 1, ledgerRows: 1, document: "ready a.md")
}

private struct SelectChunkIDs: Statement {
    static let sql = "SELECT id FROM knowledge.chunk ORDER BY id"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> ChunkID { try row.read() }
}
