internal import Analytics
internal import Events
public import Jobs
public import Primitives
internal import Tenancy

/// Makes documents searchable, and removes what deleted ones said: the handlers of the queue `documents`.
///
/// Whoever has a document's job works on it, and writes only while it has it. Indexing again after a crash begins anew, so
/// it is safe at any point; a document becomes ready, with its event and its ledger row, in the commit that ends its job.
public struct DocumentIndexer: Sendable {
    let originals: any OriginalStore
    let observe: @Sendable (IndexingObservation) -> Void
    private let extractor: TextExtractor
    private let clock: WallClock

    /// Passages a transaction; a passage takes 0.7 ms to stem and index, so this is far below the 2 s that a transaction
    /// may last.
    private static let batchSize = 200

    public init(
        originals: any OriginalStore,
        extractor: TextExtractor = TextExtractor(),
        clock: WallClock = .system,
        observe: @escaping @Sendable (IndexingObservation) -> Void
    ) {
        self.originals = originals
        self.extractor = extractor
        self.clock = clock
        self.observe = observe
    }

    public func register(in handlers: inout JobHandlers) {
        handlers.register(IndexDocument.self) { try await index($0.documentID, $1) }
        handlers.register(PurgeDocument.self) { try await purge($0.documentID, $1) }
        handlers.register(ExpireUpload.self) { try await expire($0.documentID, $1) }
    }

    private func index(_ id: DocumentID, _ context: JobContext) async throws -> JobOutcome {
        guard context.attempt <= IndexDocument.tries, !context.isLastCrash else {
            return try await fail(id, Fault(.internalFailure, .internalFailure), context)
        }
        let start = ContinuousClock.now
        do {
            let ready = try await makeSearchable(id, context)
            observe(.indexed(ready, duration: .now - start))
            return .completed
        } catch is DocumentGone {
            return .discard(because: "the document is not there any more")
        } catch let fault as Fault where Document.Failure(fault) != nil {
            return try await fail(id, fault, context)
        } catch  where !Task.isCancelled && context.attempt >= IndexDocument.tries {
            return try await fail(id, Fault(.internalFailure, .internalFailure, cause: error), context)
        } catch {
            await putBack(id, context)
            throw error
        }
    }

    private func makeSearchable(_ id: DocumentID, _ context: JobContext) async throws -> Document {
        let tenantID = context.tenantID
        let begin = BeginIndexing(tenantID: tenantID, id: id)
        guard let document = try await context.transaction({ try await $0.queryFirst(begin) }) else {
            throw DocumentGone()
        }
        let extracted = try await extractor.extract(try await originals.read(id, of: tenantID), kind: document.kind)
        let chunks = Chunker().chunks(of: extracted)
        // What an earlier try left.
        try await removeChunks(of: id, context)
        for start in stride(from: 0, to: chunks.count, by: Self.batchSize) {
            let advance = AdvanceDocument(tenantID: tenantID, id: id, progress: 20 + 80 * start / chunks.count)
            let insertion = InsertChunks(
                tenantID: tenantID,
                documentID: id,
                baseID: document.baseID,
                documentName: document.name,
                chunks: chunks[start..<min(start + Self.batchSize, chunks.count)]
            )
            try await context.transaction { transaction in
                guard try await transaction.queryFirst(advance) != nil else { throw DocumentGone() }
                try await transaction.execute(insertion)
            }
        }
        let characterCount = extracted.text.unicodeScalars.count
        return try await context.complete { transaction in
            let finish = FinishDocument(
                tenantID: tenantID,
                id: id,
                characterCount: characterCount,
                chunkCount: chunks.count
            )
            guard let ready = try await transaction.queryFirst(finish) else { throw DocumentGone() }
            try await transaction.recordIndexing(of: ready, clock: clock)
            return ready
        }
    }

    /// Ends the job with the document: trying again would end the same way.
    private func fail(_ id: DocumentID, _ fault: Fault, _ context: JobContext) async throws -> JobOutcome {
        let isThere = try await context.complete { transaction in
            let failure = FailDocument(tenantID: transaction.tenantID, id: id, failure: fault.code.rawValue)
            guard try await transaction.execute(failure) == 1 else { return false }
            // Nothing of it is read any more.
            try await transaction.enqueue([.about(PurgeDocument(documentID: id))])
            return true
        }
        if isThere { observe(.failed(id, fault)) }
        return .completed
    }

    /// People see that it waits; where this fails, they see that later.
    private func putBack(_ id: DocumentID, _ context: JobContext) async {
        let requeue = RequeueDocument(tenantID: context.tenantID, id: id)
        // Also where this task was cancelled, as when the process ends.
        _ = try? await Task { try await context.transaction { try await $0.execute(requeue) } }.value
    }
}

/// Deleted while it waited or was worked on.
private struct DocumentGone: Error {}

extension TenantTransaction {
    /// A document became ready: the event and the ledger row, of the moment that `knowledge.billable` has too.
    fileprivate func recordIndexing(of document: Document, clock: WallClock) async throws {
        let moment = document.indexedAt ?? document.updatedAt
        let data: JSON = [
            "document_id": .string(document.id.description), "knowledge_base_id": .string(document.baseID.description),
            "name": .string(document.name), "chunk_count": .number(JSONNumber(document.chunkCount)),
        ]
        try await append(
            Event(.documentIndexed, data: data, subjectID: SubjectID(document.id), occurredAt: moment)
        )
        let key = LedgerKey(.document, document.id)
        try await record([LedgerEntry(.documentIndexed, key: key, at: moment, of: LedgerSubject())], clock: clock)
    }
}
