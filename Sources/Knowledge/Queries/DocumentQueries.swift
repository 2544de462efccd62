internal import Postgres
internal import Primitives

struct SelectDocument: Statement {
    static let sql = """
        SELECT \(Document.columns)
        FROM knowledge.document
        WHERE tenant_id = $1 AND id = $2 AND status NOT IN ('receiving', 'deleted')
        """
    let tenantID: TenantID
    let id: DocumentID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> Document {
        try Document(from: &row)
    }
}

/// A page and one row more.
struct SelectDocuments: Statement {
    static let sql = """
        SELECT \(Document.columns)
        FROM knowledge.document
        WHERE tenant_id = $1 AND status NOT IN ('receiving', 'deleted') AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest

    var bindings: Bindings { [tenantID, request.before.createdAt, request.before.id, request.limit + 1] }

    static func decode(_ row: inout RowReader) throws -> Document {
        try Document(from: &row)
    }
}

struct SelectDocumentsOfBase: Statement {
    static let sql = """
        SELECT \(Document.columns)
        FROM knowledge.document
        WHERE tenant_id = $1 AND status NOT IN ('receiving', 'deleted') AND (created_at, id) < ($2, $3) AND base_id = $5
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest
    let baseID: KnowledgeBaseID

    var bindings: Bindings {
        [tenantID, request.before.createdAt, request.before.id, request.limit + 1, baseID]
    }

    static func decode(_ row: inout RowReader) throws -> Document {
        try Document(from: &row)
    }
}

/// A document whose pieces are about to arrive; no row where the base is none.
struct InsertReceivingDocument: Statement {
    // FOR SHARE: a base is not deleted between this look and our commit.
    static let sql = """
        INSERT INTO knowledge.document
            (tenant_id, id, base_id, name, content_type, origin, status, created_at, updated_at)
        SELECT tenant_id, $2, id, $4, $5, $6, 'receiving', now(), now()
        FROM knowledge.base
        WHERE tenant_id = $1 AND id = $3 AND deleted_at IS NULL
        FOR SHARE
        RETURNING id
        """
    let tenantID: TenantID
    let id: DocumentID
    let baseID: KnowledgeBaseID
    let name: String
    let kind: DocumentKind
    let origin: Document.Origin

    var bindings: Bindings { [tenantID, id, baseID, name, kind.rawValue, origin.rawValue] }

    static func decode(_ row: inout RowReader) throws -> DocumentID {
        try row.read(DocumentID.self)
    }
}

/// From here until it is deleted or has failed it counts against the tenant's storage (migration 0009).
struct AcceptDocument: Statement {
    static let sql = """
        UPDATE knowledge.document
        SET status = 'queued', byte_count = $3, sha256 = $4, created_at = now(), updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND status = 'receiving'
        RETURNING \(Document.columns)
        """
    let received: ReceivedDocument

    var bindings: Bindings { [received.tenantID, received.id, received.byteCount, received.sha256] }

    static func decode(_ row: inout RowReader) throws -> Document {
        try Document(from: &row)
    }
}

/// Blanks what the document says and keeps its shell, which is counted against the ledger.
struct DeleteDocument: Command {
    static let sql = """
        UPDATE knowledge.document SET \(Document.deletion)
        WHERE tenant_id = $1 AND id = $2 AND status <> 'deleted'
        """
    let tenantID: TenantID
    let id: DocumentID

    var bindings: Bindings { [tenantID, id] }
}

struct DeleteDocumentsOfBase: Statement {
    static let sql = """
        UPDATE knowledge.document SET \(Document.deletion)
        WHERE tenant_id = $1 AND base_id = $2 AND status <> 'deleted'
        RETURNING id
        """
    let tenantID: TenantID
    let baseID: KnowledgeBaseID

    var bindings: Bindings { [tenantID, baseID] }

    static func decode(_ row: inout RowReader) throws -> DocumentID {
        try row.read(DocumentID.self)
    }
}

extension Document {
    static let columns = """
        id, base_id, name, content_type, origin, status, progress, failure, byte_count, character_count, chunk_count,
        created_at, updated_at, indexed_at
        """

    static let deletion = """
        status = 'deleted', name = '', sha256 = NULL, failure = NULL, updated_at = now()
        """

    init(from row: inout RowReader) throws {
        self.init(
            id: try row.read(DocumentID.self),
            baseID: try row.read(KnowledgeBaseID.self),
            name: try row.read(String.self),
            kind: try row.read(DocumentKind.self),
            origin: try row.read(Origin.self),
            status: try row.read(Status.self),
            progress: try row.read(Int.self),
            failure: try row.read(String?.self).map(Failure.init(code:)),
            byteCount: try row.read(Int.self),
            characterCount: try row.read(Int.self),
            chunkCount: try row.read(Int.self),
            createdAt: try row.read(Timestamp.self),
            updatedAt: try row.read(Timestamp.self),
            indexedAt: try row.read(Timestamp?.self)
        )
    }
}
