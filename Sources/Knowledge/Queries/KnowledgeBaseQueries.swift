internal import Postgres
internal import Primitives

struct InsertKnowledgeBase: Command {
    static let sql = """
        INSERT INTO knowledge.base (tenant_id, id, name, description, created_at, updated_at)
        VALUES ($1, $2, $3, $4, now(), now())
        """
    let tenantID: TenantID
    let id: KnowledgeBaseID
    let name: String
    let description: String

    var bindings: Bindings { [tenantID, id, name, description] }
}

struct SelectKnowledgeBase: Statement {
    static let sql = """
        \(KnowledgeBase.selection)
        WHERE base.tenant_id = $1 AND base.id = $2 AND base.deleted_at IS NULL
        """
    let tenantID: TenantID
    let id: KnowledgeBaseID

    var bindings: Bindings { [tenantID, id] }

    static func decode(_ row: inout RowReader) throws -> KnowledgeBase {
        try KnowledgeBase(from: &row)
    }
}

/// A page and one row more.
struct SelectKnowledgeBases: Statement {
    static let sql = """
        \(KnowledgeBase.selection)
        WHERE base.tenant_id = $1 AND base.deleted_at IS NULL AND (base.created_at, base.id) < ($2, $3)
        ORDER BY base.created_at DESC, base.id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest

    var bindings: Bindings { [tenantID, request.before.createdAt, request.before.id, request.limit + 1] }

    static func decode(_ row: inout RowReader) throws -> KnowledgeBase {
        try KnowledgeBase(from: &row)
    }
}

struct UpdateKnowledgeBase: Command {
    static let sql = """
        UPDATE knowledge.base
        SET name = coalesce($3, name), description = coalesce($4, description), updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL
        """
    let tenantID: TenantID
    let id: KnowledgeBaseID
    let name: String?
    let description: String?

    var bindings: Bindings { [tenantID, id, name, description] }
}

struct DeleteKnowledgeBase: Command {
    static let sql = """
        UPDATE knowledge.base
        SET name = '', description = '', updated_at = now(), deleted_at = now()
        WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL
        """
    let tenantID: TenantID
    let id: KnowledgeBaseID

    var bindings: Bindings { [tenantID, id] }
}

/// How many of the bases there are.
struct CountKnowledgeBases: Statement {
    static let sql = """
        SELECT count(*) FROM knowledge.base WHERE tenant_id = $1 AND id = ANY ($2) AND deleted_at IS NULL
        """
    let tenantID: TenantID
    let ids: [KnowledgeBaseID]

    var bindings: Bindings { [tenantID, ids] }

    static func decode(_ row: inout RowReader) throws -> Int {
        try row.read(Int.self)
    }
}

extension KnowledgeBase {
    fileprivate static let selection = """
        SELECT base.id, base.name, base.description, counts.documents, counts.ready, counts.chunks,
            base.created_at, base.updated_at
        FROM knowledge.base
        CROSS JOIN LATERAL (
            SELECT count(*) AS documents, count(*) FILTER (WHERE status = 'ready') AS ready,
                coalesce(sum(chunk_count) FILTER (WHERE status = 'ready'), 0) AS chunks
            FROM knowledge.document
            WHERE document.tenant_id = base.tenant_id AND document.base_id = base.id
                AND document.status NOT IN ('receiving', 'deleted')
        ) AS counts
        """

    fileprivate init(from row: inout RowReader) throws {
        self.init(
            id: try row.read(KnowledgeBaseID.self),
            name: try row.read(String.self),
            description: try row.read(String.self),
            counts: Counts(
                documents: try row.read(Int.self),
                readyDocuments: try row.read(Int.self),
                chunks: try row.read(Int.self)
            ),
            createdAt: try row.read(Timestamp.self),
            updatedAt: try row.read(Timestamp.self)
        )
    }
}
