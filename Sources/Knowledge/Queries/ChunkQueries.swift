internal import Postgres
internal import Primitives

/// Passages of one document, with what they are found by.
struct InsertChunks: Command {
    static let sql = """
        INSERT INTO knowledge.chunk
            (tenant_id, id, document_id, ordinal, breadcrumb, content, starts_at, ends_at, tsv)
        SELECT $1, new.id, $2, new.ordinal, new.breadcrumb, new.content, new.starts_at, new.ends_at,
            knowledge.search_vector($1, $3, new.search_heading, new.search_content)
        FROM unnest($4::uuid[], $5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::text[], $11::text[])
            AS new (id, ordinal, breadcrumb, content, starts_at, ends_at, search_heading, search_content)
        """
    let tenantID: TenantID
    let documentID: DocumentID
    let baseID: KnowledgeBaseID
    let documentName: String
    let chunks: ArraySlice<Chunk>

    var bindings: Bindings {
        [
            tenantID, documentID, baseID,
            chunks.map { _ in ChunkID.next() },
            chunks.map(\.ordinal),
            chunks.map(\.breadcrumb),
            chunks.map(\.content),
            chunks.map(\.range.lowerBound),
            chunks.map(\.range.upperBound),
            chunks.map { SearchText.normalise("\(documentName) \($0.breadcrumb)") },
            chunks.map { SearchText.normalise($0.content) },
        ]
    }
}

/// Some of the passages, to be repeated until there are none.
struct DeleteChunks: Command {
    static let sql = """
        DELETE FROM knowledge.chunk
        WHERE tenant_id = $1 AND document_id = $2 AND ordinal IN (
            SELECT ordinal FROM knowledge.chunk WHERE tenant_id = $1 AND document_id = $2 LIMIT 1000
        )
        """
    let tenantID: TenantID
    let documentID: DocumentID

    var bindings: Bindings { [tenantID, documentID] }
}

struct SearchLexical: Statement {
    static let sql = """
        SELECT id, document_id, name, breadcrumb, content, ordinal, score
        FROM knowledge.search_lexical($1, $2, $3, $4)
        """
    let request: KnowledgeSearch.Request

    var bindings: Bindings {
        [SearchText.normalise(request.query), request.baseIDs, request.threshold, Int32(request.limit)]
    }

    static func decode(_ row: inout RowReader) throws -> FoundChunk {
        FoundChunk(
            id: try row.read(ChunkID.self),
            documentID: try row.read(DocumentID.self),
            documentName: try row.read(String.self),
            breadcrumb: try row.read(String.self),
            content: try row.read(String.self),
            ordinal: try row.read(Int.self),
            score: try row.read(Double.self)
        )
    }
}
