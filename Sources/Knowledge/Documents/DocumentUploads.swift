internal import Jobs
internal import Postgres
public import Primitives
internal import Secrets
public import Tenancy

/// Takes files in as they arrive.
///
/// A file is received in transactions of its own, a piece each, into a document that nobody sees; accepting it, in the
/// caller's transaction, makes it a document with a job that indexes it. What is received and neither accepted nor
/// discarded is removed by a job an hour later.
public struct DocumentUploads: Sendable {
    private let database: TenantDatabase
    private let originals: any OriginalStore
    private let maximumSize: Int
    private let clock: WallClock

    /// - Parameters:
    ///   - maximumSize: bytes of a file; larger ones are refused while they arrive. A kind of document may have a lower
    ///     limit of its own.
    public init(
        database: TenantDatabase,
        originals: any OriginalStore,
        maximumSize: Int = 20 << 20,
        clock: WallClock = .system
    ) {
        self.clock = clock
        self.database = database
        self.originals = originals
        self.maximumSize = maximumSize
    }

    /// - Parameter pieces: the file, cut anywhere.
    /// - Throws: `knowledge_base_not_found`, `document_not_text`, `document_empty`, `document_too_large`, and what
    ///   `pieces` throws; nothing is left then.
    public func receive(
        _ pieces: some AsyncSequence<[UInt8], any Error>,
        name: String,
        kind: DocumentKind,
        origin: Document.Origin,
        into baseID: KnowledgeBaseID,
        of tenantID: TenantID
    ) async throws -> ReceivedDocument {
        let insertion = InsertReceivingDocument(
            tenantID: tenantID,
            id: .next(),
            baseID: baseID,
            name: name,
            kind: kind,
            origin: origin
        )
        try await database.transaction(in: tenantID) { transaction in
            guard try await transaction.queryFirst(insertion) != nil else { throw Fault.knowledgeBaseNotFound }
            let expiry = ExpireUpload(documentID: insertion.id)
            try await transaction.enqueue([.about(expiry, delay: ExpireUpload.delay)])
        }
        do {
            let (byteCount, digest) = try await store(pieces, as: insertion.id, kind: kind, of: tenantID)
            return ReceivedDocument(
                id: insertion.id,
                tenantID: tenantID,
                baseID: baseID,
                name: name,
                kind: kind,
                byteCount: byteCount,
                sha256: digest
            )
        } catch {
            await discard(insertion.id, of: tenantID)
            throw error
        }
    }

    /// The document is indexed once the transaction has committed.
    /// - Throws: `knowledge_base_not_found` where the base was deleted meanwhile, `quota_exceeded`.
    public func accept(
        _ received: ReceivedDocument,
        within limits: PlanLimits,
        in transaction: TenantTransaction
    ) async throws -> Document {
        let now = clock.now()
        let (accepted, _, use) = try await transaction.batch(
            AcceptDocument(received: received),
            transaction.enqueueing([.about(IndexDocument(documentID: received.id))]),
            SelectQuotaUse(tenantID: transaction.tenantID, at: now)
        )
        guard let document = accepted.first else { throw Fault.knowledgeBaseNotFound }
        try use.first?.require(.storage, within: limits, at: now)
        return document
    }

    /// For a file that will not be accepted.
    public func discard(_ received: ReceivedDocument) async {
        await discard(received.id, of: received.tenantID)
    }

    private func store(
        _ pieces: some AsyncSequence<[UInt8], any Error>,
        as id: DocumentID,
        kind: DocumentKind,
        of tenantID: TenantID
    ) async throws -> (byteCount: Int, digest: [UInt8]) {
        let limit = min(maximumSize, kind.maximumSize)
        var inspection = TextInspection()
        let hasher = SHA256.Hasher()
        var byteCount = 0
        var ordinal = 0
        var buffer: [UInt8] = []
        for try await piece in pieces {
            byteCount += piece.count
            guard byteCount <= limit else { throw Fault.documentTooLarge(limit: limit) }
            try inspection.append(piece)
            hasher.update(piece)
            buffer += piece
            while buffer.count >= OriginalPiece.maximumSize {
                let full = Array(buffer.prefix(OriginalPiece.maximumSize))
                try await originals.append(full, ordinal: ordinal, to: id, of: tenantID)
                buffer.removeFirst(OriginalPiece.maximumSize)
                ordinal += 1
            }
        }
        try inspection.finish()
        if !buffer.isEmpty { try await originals.append(buffer, ordinal: ordinal, to: id, of: tenantID) }
        return (byteCount, hasher.finish())
    }

    /// Also where the task was cancelled, since a client that goes away cancels it.
    ///
    /// What fails here is done when the upload expires.
    private func discard(_ id: DocumentID, of tenantID: TenantID) async {
        let discarding = Task {
            try await database.transaction(in: tenantID) { transaction in
                try await transaction.execute(DeleteDocument(tenantID: tenantID, id: id))
                // Also where it was deleted meanwhile, with its base: pieces may have come after that was purged.
                try await transaction.enqueue([.about(PurgeDocument(documentID: id))])
            }
        }
        _ = await discarding.result
    }
}

/// A file that is stored and belongs to nothing yet.
public struct ReceivedDocument: Hashable, Sendable {
    public let id: DocumentID
    public let tenantID: TenantID
    public let baseID: KnowledgeBaseID
    public let name: String
    public let kind: DocumentKind
    public let byteCount: Int
    /// Of the file's bytes.
    public let sha256: [UInt8]
}
