internal import Postgres
internal import Primitives

struct InsertBlobPiece: Command {
    static let sql = """
        INSERT INTO knowledge.blob (tenant_id, document_id, ordinal, bytes) VALUES ($1, $2, $3, $4)
        """
    let tenantID: TenantID
    let documentID: DocumentID
    let ordinal: Int
    let bytes: [UInt8]

    var bindings: Bindings { [tenantID, documentID, Int32(ordinal), bytes] }
}

struct SelectBlobPiece: Statement {
    static let sql = """
        SELECT bytes FROM knowledge.blob WHERE tenant_id = $1 AND document_id = $2 AND ordinal = $3
        """
    let tenantID: TenantID
    let documentID: DocumentID
    let ordinal: Int

    var bindings: Bindings { [tenantID, documentID, Int32(ordinal)] }

    static func decode(_ row: inout RowReader) throws -> [UInt8] {
        try row.read([UInt8].self)
    }
}

/// Some of the pieces, to be repeated until there are none.
struct DeleteBlobPieces: Command {
    static let sql = """
        DELETE FROM knowledge.blob
        WHERE tenant_id = $1 AND document_id = $2 AND ordinal IN (
            SELECT ordinal FROM knowledge.blob WHERE tenant_id = $1 AND document_id = $2 LIMIT 16
        )
        """
    let tenantID: TenantID
    let documentID: DocumentID

    var bindings: Bindings { [tenantID, documentID] }
}
