internal import Postgres
internal import Primitives

/// What indexing needs to know of a document.
struct DocumentToIndex: Sendable {
    let name: String
    let kind: DocumentKind
    let baseID: KnowledgeBaseID
}

/// No row where the document is deleted, or not to be indexed any more.
struct BeginIndexing: Statement {
    static let sql = """
        UPDATE knowledge.document SET status = 'extracting', progress = 0, updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND \(Document.isUnfinished)
        RETURNING name, content_type, base_id
        """
    let tenantID: TenantID
    let id: DocumentID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> DocumentToIndex {
        DocumentToIndex(
            name: try row.read(String.self),
            kind: try row.read(DocumentKind.self),
            baseID: try row.read(KnowledgeBaseID.self)
        )
    }
}

/// Locks the document for the rest of the transaction, so that it is not deleted under what follows; no row where it is
/// deleted.
struct AdvanceDocument: Statement {
    static let sql = """
        UPDATE knowledge.document SET status = 'embedding', progress = $3, updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND \(Document.isUnfinished)
        RETURNING id
        """
    let tenantID: TenantID
    let id: DocumentID
    let progress: Int

    var bindings: Bindings { [tenantID, id, Int32(progress)] }

    static func decode(_ row: inout RowReader) throws -> DocumentID {
        try row.read(DocumentID.self)
    }
}

/// The document is ready; no row where it is deleted.
struct FinishDocument: Statement {
    static let sql = """
        UPDATE knowledge.document
        SET status = 'ready', progress = 100, character_count = $3, chunk_count = $4,
            indexed_at = coalesce(indexed_at, now()), updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND \(Document.isUnfinished)
        RETURNING \(Document.columns)
        """
    let tenantID: TenantID
    let id: DocumentID
    let characterCount: Int
    let chunkCount: Int

    var bindings: Bindings { [tenantID, id, characterCount, chunkCount] }

    static func decode(_ row: inout RowReader) throws -> Document {
        try Document(from: &row)
    }
}

struct FailDocument: Command {
    static let sql = """
        UPDATE knowledge.document SET status = 'failed', failure = $3, updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND \(Document.isUnfinished)
        """
    let tenantID: TenantID
    let id: DocumentID
    let failure: String

    var bindings: Bindings { [tenantID, id, failure] }
}

struct RequeueDocument: Command {
    static let sql = """
        UPDATE knowledge.document SET status = 'queued', progress = 0, updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND \(Document.isUnfinished)
        """
    let tenantID: TenantID
    let id: DocumentID

    var bindings: Bindings { [tenantID, id] }
}

/// A file whose sender went away.
struct ExpireReceivingDocument: Command {
    static let sql = """
        UPDATE knowledge.document SET \(Document.deletion)
        WHERE tenant_id = $1 AND id = $2 AND status = 'receiving'
        """
    let tenantID: TenantID
    let id: DocumentID

    var bindings: Bindings { [tenantID, id] }
}

extension Document {
    /// Accepted, and neither ready nor failed nor deleted.
    fileprivate static let isUnfinished = "status IN ('queued', 'extracting', 'embedding')"
}
