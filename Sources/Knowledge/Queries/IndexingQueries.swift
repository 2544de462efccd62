internal import FoundationEssentials
internal import Postgres
internal import Primitives

/// What the worker sees of a document of any tenant.
struct UnfinishedDocument: Hashable, Sendable {
    let tenantID: TenantID
    let id: DocumentID
    let status: Document.Status
}

/// Documents of all tenants that nobody works on; the only statement that crosses tenants, run as the worker.
struct SelectUnfinishedDocuments: Statement {
    static let sql = """
        SELECT tenant_id, id, status
        FROM knowledge.document
        WHERE (status IN ('receiving', 'queued', 'extracting', 'embedding') OR is_purge_due)
            AND claimed_until < now()
        ORDER BY claimed_until, id
        LIMIT $1
        """
    let limit: Int

    var bindings: Bindings { [limit] }

    static func decode(_ row: inout RowReader) throws -> UnfinishedDocument {
        UnfinishedDocument(
            tenantID: try row.read(TenantID.self),
            id: try row.read(DocumentID.self),
            status: try row.read(Document.Status.self)
        )
    }
}

/// A document that this process alone works on until `IndexingClaim.lifetime` after the last renewal.
struct ClaimedDocument: Sendable {
    let name: String
    let kind: DocumentKind
    let baseID: KnowledgeBaseID
    /// This one included.
    let attempts: Int
}

/// Names the work of one process on one document: what it writes is written only while it holds the claim.
struct IndexingClaim: Hashable, Sendable {
    let tenantID: TenantID
    let documentID: DocumentID
    let id: UUID

    /// How long a document waits for a process that was killed; `ClaimDocument` and `RenewClaim` say the same.
    static let lifetime = Duration.seconds(30)
}

struct ClaimDocument: Statement {
    static let sql = """
        UPDATE knowledge.document
        SET status = 'extracting', progress = 0, claim_id = $3, claimed_until = now() + interval '30 seconds',
            attempts = attempts + 1, updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND status IN ('queued', 'extracting', 'embedding') AND claimed_until < now()
        RETURNING name, content_type, base_id, attempts
        """
    let claim: IndexingClaim

    var bindings: Bindings { [claim.tenantID, claim.documentID, claim.id] }

    static func decode(_ row: inout RowReader) throws -> ClaimedDocument {
        ClaimedDocument(
            name: try row.read(String.self),
            kind: try row.read(DocumentKind.self),
            baseID: try row.read(KnowledgeBaseID.self),
            attempts: try row.read(Int.self)
        )
    }
}

struct RenewClaim: Command {
    static let sql = """
        UPDATE knowledge.document SET claimed_until = now() + interval '30 seconds'
        WHERE tenant_id = $1 AND id = $2 AND claim_id = $3
        """
    let claim: IndexingClaim

    var bindings: Bindings { [claim.tenantID, claim.documentID, claim.id] }
}

/// Locks the document for the rest of the transaction, so that it is not deleted under what follows; no row where the
/// claim is lost.
struct AdvanceDocument: Statement {
    static let sql = """
        UPDATE knowledge.document SET status = 'embedding', progress = $4, updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND claim_id = $3
        RETURNING id
        """
    let claim: IndexingClaim
    let progress: Int

    var bindings: Bindings { [claim.tenantID, claim.documentID, claim.id, Int32(progress)] }

    static func decode(_ row: inout RowReader) throws -> DocumentID {
        try row.read(DocumentID.self)
    }
}

/// The document is ready; no row where the claim is lost.
struct FinishDocument: Statement {
    static let sql = """
        UPDATE knowledge.document
        SET status = 'ready', progress = 100, character_count = $4, chunk_count = $5, claim_id = NULL,
            indexed_at = coalesce(indexed_at, now()), updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND claim_id = $3
        RETURNING \(Document.columns)
        """
    let claim: IndexingClaim
    let characterCount: Int
    let chunkCount: Int

    var bindings: Bindings { [claim.tenantID, claim.documentID, claim.id, characterCount, chunkCount] }

    static func decode(_ row: inout RowReader) throws -> Document {
        try Document(from: &row)
    }
}

/// Nothing of it is read any more, so what it stored is removed as a deleted one's.
struct FailDocument: Command {
    static let sql = """
        UPDATE knowledge.document
        SET status = 'failed', failure = $4, is_purge_due = true, claim_id = NULL, claimed_until = '-infinity',
            updated_at = now()
        WHERE tenant_id = $1 AND id = $2 AND claim_id = $3
        """
    let claim: IndexingClaim
    let failure: String

    var bindings: Bindings { [claim.tenantID, claim.documentID, claim.id, failure] }
}

/// Gives the document back, for anybody to try after `delay`.
struct ReleaseDocument: Command {
    static let sql = """
        UPDATE knowledge.document
        SET status = 'queued', progress = 0, claim_id = NULL, updated_at = now(),
            claimed_until = now() + $4 * interval '1 second'
        WHERE tenant_id = $1 AND id = $2 AND claim_id = $3
        """
    let claim: IndexingClaim
    let delay: Int

    var bindings: Bindings { [claim.tenantID, claim.documentID, claim.id, Int32(delay)] }
}

/// A file whose sender went away.
struct ExpireReceivingDocument: Command {
    static let sql = """
        UPDATE knowledge.document SET \(Document.deletion)
        WHERE tenant_id = $1 AND id = $2 AND status = 'receiving' AND claimed_until < now()
        """
    let tenantID: TenantID
    let id: DocumentID

    var bindings: Bindings { [tenantID, id] }
}

struct FinishPurge: Command {
    static let sql = """
        UPDATE knowledge.document SET is_purge_due = false
        WHERE tenant_id = $1 AND id = $2 AND status IN ('deleted', 'failed')
        """
    let tenantID: TenantID
    let id: DocumentID

    var bindings: Bindings { [tenantID, id] }
}
