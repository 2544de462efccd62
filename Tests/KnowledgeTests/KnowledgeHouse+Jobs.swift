internal import Knowledge
internal import Postgres
internal import Primitives
internal import Synchronization
internal import Tenancy
internal import TestSupport

@testable internal import Jobs

extension KnowledgeHouse {
    static let queue = JobWorkerConfiguration.Queue(.documents, slots: 2)

    /// One of any number of processes that do the jobs of documents.
    func worker(originals: (any OriginalStore)? = nil) -> JobWorker {
        var handlers = JobHandlers()
        DocumentIndexer(originals: originals ?? self.originals, observe: observed.record).register(in: &handlers)
        return JobWorker(
            JobWorkerConfiguration(queues: [Self.queue]),
            handlers: handlers,
            database: database,
            pool: test.worker,
            name: "test",
            observe: { _ in }
        )
    }

    /// Does the jobs that are due, and those that they make, one after the other.
    func work(originals: (any OriginalStore)? = nil) async throws {
        let worker = worker(originals: originals)
        while case let jobs = try await worker.claim(), !jobs.isEmpty {
            for job in jobs { await worker.execute(job) }
        }
    }

    /// A worker had the jobs that are due, and is no more; its lease is over.
    func loseWorker(after work: (JobWorker, [ClaimedJob]) async throws -> Void = { _, _ in }) async throws {
        let worker = worker()
        try await work(worker, try await worker.claim())
        try await takeAway()
    }

    /// Takes all jobs that run from their workers, as half a minute without a word of them would.
    func takeAway() async throws {
        try await test.administrator.unsafeScript("UPDATE jobs.job SET lease_until = now() WHERE state = 'running'")
        try await worker().upkeep.rescue()
    }

    /// What was for later is due.
    func makeDue() async throws {
        try await test.administrator.unsafeScript("UPDATE jobs.job SET run_at = now()")
        try await worker().upkeep.releaseDue()
    }

    /// Each as `kind state`, `kind outcome` or `kind dead`; uploads' expiries are left out unless asked for.
    func jobs(expiries: Bool = false) async throws -> [String] {
        try await test.administrator.query(SelectJobs()).filter { expiries || !$0.hasPrefix("expire") }
    }
}

extension JobWorker {
    func claim() async throws -> [ClaimedJob] {
        try await claim(from: KnowledgeHouse.queue, slots: KnowledgeHouse.queue.slots)
    }
}

/// What the jobs of documents told, in that order.
final class Observed: Sendable {
    private let list = Mutex<[IndexingObservation]>([])

    func record(_ observation: IndexingObservation) { list.withLock { $0.append(observation) } }

    var indexed: [Document] {
        list.withLock { $0 }.compactMap { if case .indexed(let document, _) = $0 { document } else { nil } }
    }

    var failed: [DocumentID] {
        list.withLock { $0 }.compactMap { if case .failed(let id, _) = $0 { id } else { nil } }
    }

    var purged: [DocumentID] {
        list.withLock { $0 }.compactMap { if case .purged(let id) = $0 { id } else { nil } }
    }
}

/// Files that something happens to before they are read: after indexing has begun, before it writes.
struct InterruptedOriginals: OriginalStore {
    let originals: PostgresOriginalStore
    let interruption: @Sendable () async throws -> Void

    func append(_ piece: [UInt8], ordinal: Int, to document: DocumentID, of tenantID: TenantID) async throws {
        try await originals.append(piece, ordinal: ordinal, to: document, of: tenantID)
    }

    func read(_ document: DocumentID, of tenantID: TenantID) async throws -> [UInt8] {
        try await interruption()
        return try await originals.read(document, of: tenantID)
    }

    func remove(_ document: DocumentID, of tenantID: TenantID) async throws {
        try await originals.remove(document, of: tenantID)
    }
}

private struct SelectJobs: Statement {
    static let sql = """
        SELECT split_part(kind, '.', 2) || ' ' || end_state FROM (
            SELECT kind, state AS end_state FROM jobs.job
            UNION ALL SELECT kind, outcome FROM jobs.finished
            UNION ALL SELECT kind, 'dead' FROM jobs.dead
        ) AS all_jobs
        ORDER BY 1
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}
