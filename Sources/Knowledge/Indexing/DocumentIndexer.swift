internal import Analytics
internal import Events
internal import FoundationEssentials
public import Postgres
public import Primitives
public import ServiceLifecycle
public import Tenancy

/// Makes documents searchable, and removes what deleted ones said.
///
/// Any number of processes may run one: each document is worked on by the one that claimed it. A document is told of by
/// `enqueue` as soon as it is accepted; what nobody works on (its process was killed, or could not be told) is found
/// within `pollInterval` of its claim's end. Indexing again after a crash begins anew, so it is safe at any point.
public final class DocumentIndexer: Service {
    private let database: TenantDatabase
    private let worker: PostgresPool
    private let originals: any OriginalStore
    private let extractor: TextExtractor
    private let observe: @Sendable (IndexingObservation) -> Void
    private let concurrency: Int
    private let clock: WallClock
    private let queue = AsyncStream.makeStream(of: UnfinishedDocument.self, bufferingPolicy: .bufferingOldest(1000))

    /// How late an unfinished document may be found.
    private static let pollInterval = Duration.seconds(5)
    /// Tries of a document before our own failures become the document's.
    private static let maximumAttempts = 5
    /// Passages a transaction; a passage takes 0.7 ms to stem and index, so this is far below the 2 s that a transaction
    /// may last.
    private static let batchSize = 200

    /// - Parameters:
    ///   - worker: connects as the worker, who may see which documents of all tenants are unfinished.
    ///   - concurrency: documents at a time; each may take a core and 100 MB.
    public init(
        database: TenantDatabase,
        worker: PostgresPool,
        originals: any OriginalStore,
        extractor: TextExtractor = TextExtractor(),
        concurrency: Int = 2,
        clock: WallClock = .system,
        observe: @escaping @Sendable (IndexingObservation) -> Void
    ) {
        self.database = database
        self.worker = worker
        self.originals = originals
        self.extractor = extractor
        self.concurrency = concurrency
        self.clock = clock
        self.observe = observe
    }

    /// To be called after the transaction that accepted the document has committed.
    ///
    /// Never blocks; what is lost here is found by the next poll.
    public func enqueue(_ id: DocumentID, of tenantID: TenantID) {
        queue.continuation.yield(UnfinishedDocument(tenantID: tenantID, id: id, status: .queued))
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.poll() }
                await self.work()
                group.cancelAll()
            }
        }
    }

    private func poll() async {
        while !Task.isCancelled {
            do {
                // As many as are worked on soon; they are found again until they are claimed.
                for document in try await worker.query(SelectUnfinishedDocuments(limit: 100)) {
                    queue.continuation.yield(document)
                }
            } catch  where !Task.isCancelled {
                observe(.unreachable(error))
            } catch {
                return
            }
            // Documents of other processes that ended are found by looking, until there are jobs.
            try? await Task.sleep(for: Self.pollInterval)
        }
    }

    private func work() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await document in queue.stream {
                if running == concurrency {
                    await group.next()
                    running -= 1
                }
                group.addTask { await self.handle(document) }
                running += 1
            }
        }
    }

    private func handle(_ document: UnfinishedDocument) async {
        do {
            switch document.status {
            case .deleted, .failed: try await purge(document)
            case .receiving:
                let expiry = ExpireReceivingDocument(tenantID: document.tenantID, id: document.id)
                _ = try await database.query(expiry, in: document.tenantID)
            default: try await index(document)
            }
        } catch {
            observe(.released(document.id, error))
        }
    }

    private func purge(_ document: UnfinishedDocument) async throws {
        try await removeChunks(of: document.id, of: document.tenantID)
        try await originals.remove(document.id, of: document.tenantID)
        _ = try await database.query(FinishPurge(tenantID: document.tenantID, id: document.id), in: document.tenantID)
        observe(.purged(document.id))
    }

    private func removeChunks(of id: DocumentID, of tenantID: TenantID) async throws {
        let deletion = DeleteChunks(tenantID: tenantID, documentID: id)
        while try await !database.query(deletion, in: tenantID).isEmpty {}
    }
}

extension DocumentIndexer {
    private struct ClaimLost: Error {}

    private func index(_ document: UnfinishedDocument) async throws {
        let claim = IndexingClaim(tenantID: document.tenantID, documentID: document.id, id: UUID())
        guard let claimed = try await database.queryFirst(ClaimDocument(claim: claim), in: claim.tenantID) else {
            return
        }
        let start = ContinuousClock.now
        do {
            let ready = try await whileRenewing(claim) { try await self.index(claimed, claim: claim) }
            observe(.indexed(ready, duration: .now - start))
        } catch is ClaimLost {
            observe(.lost(document.id))
        } catch let error as Fault where Document.Failure(error) != nil {
            try await fail(claim, error)
        } catch  where !Task.isCancelled && claimed.attempts >= Self.maximumAttempts {
            try await fail(claim, Fault(.internalFailure, .internalFailure, cause: error))
        } catch {
            // A server that stops gives it to another at once; what failed waits, longer each time.
            let delay = Task.isCancelled ? 0 : 5 << claimed.attempts
            try await settle(ReleaseDocument(claim: claim, delay: delay), of: claim.tenantID)
            observe(.released(document.id, error))
        }
    }

    private func index(_ document: ClaimedDocument, claim: IndexingClaim) async throws -> Document {
        let file = try await originals.read(claim.documentID, of: claim.tenantID)
        let extracted = try await extractor.extract(file, kind: document.kind)
        let chunks = Chunker().chunks(of: extracted)
        // What an earlier try left.
        try await removeChunks(of: claim.documentID, of: claim.tenantID)
        for start in stride(from: 0, to: chunks.count, by: Self.batchSize) {
            let insertion = InsertChunks(
                tenantID: claim.tenantID,
                documentID: claim.documentID,
                baseID: document.baseID,
                documentName: document.name,
                chunks: chunks[start..<min(start + Self.batchSize, chunks.count)]
            )
            try await database.transaction(in: claim.tenantID) { transaction in
                let advance = AdvanceDocument(claim: claim, progress: 20 + 80 * start / chunks.count)
                guard try await transaction.queryFirst(advance) != nil else { throw ClaimLost() }
                try await transaction.execute(insertion)
            }
        }
        return try await database.transaction(in: claim.tenantID) { transaction in
            let characters = extracted.text.unicodeScalars.count
            let finish = FinishDocument(claim: claim, characterCount: characters, chunkCount: chunks.count)
            guard let ready = try await transaction.queryFirst(finish) else { throw ClaimLost() }
            try await transaction.recordIndexing(of: ready, clock: self.clock)
            return ready
        }
    }

    private func whileRenewing<Result: Sendable>(
        _ claim: IndexingClaim,
        _ work: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                while true {
                    // Two renewals may fail before the claim runs out.
                    try await Task.sleep(for: IndexingClaim.lifetime / 3)
                    // A renewal that fails is made up for by the next; a claim that is lost is seen by the work.
                    _ = try? await self.database.query(RenewClaim(claim: claim), in: claim.tenantID)
                }
            }
            defer { group.cancelAll() }
            while let finished = try await group.next() {
                if let finished { return finished }
            }
            throw CancellationError()
        }
    }

    private func fail(_ claim: IndexingClaim, _ fault: Fault) async throws {
        try await settle(FailDocument(claim: claim, failure: fault.code.rawValue), of: claim.tenantID)
        observe(.failed(claim.documentID, fault))
    }

    /// The last word on a document, also where this task was cancelled: else it would wait for the claim's end.
    private func settle(_ command: some Command, of tenantID: TenantID) async throws {
        _ = try await Task { try await self.database.query(command, in: tenantID) }.value
    }
}

extension TenantTransaction {
    /// A document became ready: the event and the ledger row, of the moment that `knowledge.billable` has too.
    fileprivate func recordIndexing(of document: Document, clock: WallClock) async throws {
        let moment = document.indexedAt ?? document.updatedAt
        let data: JSON = [
            "document_id": .string(document.id.description), "knowledge_base_id": .string(document.baseID.description),
            "name": .string(document.name), "chunk_count": .number(JSONNumber(document.chunkCount)),
        ]
        try await append(Event(.documentIndexed, data: data, occurredAt: moment))
        let key = LedgerKey(.document, document.id)
        try await record([LedgerEntry(.documentIndexed, key: key, at: moment, of: LedgerSubject())], clock: clock)
    }
}
