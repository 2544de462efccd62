internal import FoundationEssentials
internal import Knowledge
internal import Postgres
internal import Primitives
internal import Synchronization
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs

@Suite("A document that cannot be indexed, or never arrives", .database, .timeLimit(.minutes(1)))
struct FailingDocumentTests {
    private struct Broken: Error {}

    private let text = Array("Olá.".utf8)

    @Test("is tried five times where the fault is ours, waits in between as if it were new, and then fails")
    func tries() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let accepted = try await house.accepted(text)
        let reads = Mutex(0)
        let broken = InterruptedOriginals(originals: house.originals) {
            reads.withLock { $0 += 1 }
            throw Broken()
        }
        for attempt in 1...5 {
            #expect(try await house.document(accepted.id).status == .queued)
            try await house.work(originals: broken)
            #expect(reads.withLock(\.self) == attempt, "the next try is for later")
            if attempt < 5 { try await house.makeDue() }
        }
        let document = try await house.document(accepted.id)
        #expect(document.status == .failed && document.failure?.code == Fault.Code.internalFailure.rawValue)
        #expect(house.observed.failed == [accepted.id])
        #expect(try await house.jobs() == ["index_document completed", "purge_document completed"])
    }

    @Test("fails untried where that it failed could not be written, and where two workers were lost with it")
    func untried() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await house.makeBase()
        let spent = try await house.upload(text, into: base.id)
        // Five tries are over, and yet there is a job.
        try await house.test.administrator.unsafeScript(
            "UPDATE jobs.job SET attempt = 5, run_at = run_at + interval '1 day' WHERE kind = 'knowledge.index_document'"
        )
        let poison = try await house.upload(text, into: base.id)
        for _ in 1...2 {
            try await house.loseWorker { _, jobs in #expect(jobs.count == 1) }
        }
        try await house.makeDue()
        let reads = Mutex(0)
        try await house.work(
            originals: InterruptedOriginals(originals: house.originals) { reads.withLock { $0 += 1 } }
        )
        #expect(reads.withLock(\.self) == 0)
        #expect(Set(house.observed.failed) == [spent.id, poison.id])
        for id in [spent.id, poison.id] {
            #expect(try await house.document(id).failure?.code == Fault.Code.internalFailure.rawValue)
        }
        #expect(try await house.test.administrator.query(CountDead()) == [0])
    }

    @Test("goes back as it was where the process ends")
    func shutdown() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let accepted = try await house.accepted(text)
        let (began, begin) = AsyncStream.makeStream(of: Void.self)
        let (never, continuation) = AsyncStream.makeStream(of: Void.self)
        let worker = house.worker(
            originals: InterruptedOriginals(originals: house.originals) {
                begin.finish()
                for await _ in never {}
                try Task.checkCancellation()
            }
        )
        try await withThrowingTaskGroup { group in
            group.addTask { try await worker.run() }
            for await _ in began {}
            #expect(try await house.document(accepted.id).status == .extracting)
            group.cancelAll()
            try await group.waitForAll()
        }
        continuation.finish()
        #expect(try await house.document(accepted.id).status == .queued)
        #expect(try await house.jobs() == ["index_document available"])
        try await house.work()
        #expect(try await house.document(accepted.id).status == .ready)
    }

    @Test("is removed an hour after it was begun, and left alone where it was accepted by then")
    func expiry() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await house.makeBase()
        let abandoned = try await house.receive(text, into: base.id)
        let accepted = try await house.upload(text, into: base.id)
        try await house.work()
        #expect(try await house.test.administrator.query(SelectMinutesToExpiry()) == [60, 60])
        #expect(try await house.kept(abandoned.id)?.document == "receiving a.md")
        try await house.makeDue()
        try await house.work()
        let gone = Kept.Row(blobs: 0, chunks: 0, events: 0, ledgerRows: 0, document: "deleted ")
        #expect(try await house.kept(abandoned.id) == gone)
        #expect(try await house.document(accepted.id).status == .ready)
        #expect(house.observed.purged == [abandoned.id])
    }

    @Test("has its job after the migration that brought jobs, and so have all that were unfinished")
    func migration() async throws {
        let house = try await KnowledgeHouse(TestDatabase.current)
        let base = try await house.makeBase()
        let received = try await house.receive(text, into: base.id)
        let queued = try await house.upload(text, into: base.id)
        let claimed = try await house.upload(text, into: base.id)
        let deleted = try await house.upload(text, into: base.id)
        try await house.database.transaction(in: house.tenant) { try await house.documents.delete(deleted.id, in: $0) }
        // As the version before had them.
        try await house.test.administrator.unsafeScript(
            """
            SET LOCAL ROLE agentes_owner;
            DELETE FROM jobs.job;
            ALTER TABLE knowledge.document
                ADD COLUMN claim_id uuid, ADD COLUMN claimed_until timestamptz NOT NULL DEFAULT '-infinity',
                ADD COLUMN attempts smallint, ADD COLUMN is_purge_due boolean NOT NULL DEFAULT false;
            CREATE INDEX document_unfinished ON knowledge.document (claimed_until);
            CREATE POLICY worker ON knowledge.document FOR SELECT TO agentes_worker USING (true);
            UPDATE knowledge.document SET is_purge_due = true WHERE id = '\(deleted.id)';
            UPDATE knowledge.document SET claimed_until = now() + interval '1 hour' WHERE id = '\(received.id)';
            UPDATE knowledge.document SET status = 'embedding', claimed_until = now() + interval '30 seconds'
            WHERE id = '\(claimed.id)';
            """
        )
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../migrations/0013_enqueue_documents.sql")
        let sql = try String(contentsOf: file, encoding: .utf8)
        try await house.test.administrator.unsafeScript("SET LOCAL ROLE agentes_owner;\n" + sql)
        try await house.work()
        #expect(house.observed.indexed.map(\.id) == [queued.id])
        #expect(house.observed.purged == [deleted.id])
        try await house.makeDue()
        try await house.work()
        #expect(house.observed.indexed.map(\.id) == [queued.id, claimed.id])
        #expect(house.observed.purged == [deleted.id, received.id])
    }
}

private struct CountDead: Statement {
    static let sql = "SELECT count(*) FROM jobs.dead"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

private struct SelectMinutesToExpiry: Statement {
    static let sql = """
        SELECT round(extract(epoch FROM run_at - created_at) / 60)::int FROM jobs.job
        WHERE kind = 'knowledge.expire_upload'
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
