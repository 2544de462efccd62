internal import Analytics
internal import Postgres
internal import Primitives

/// Affects no row where the key was used before.
struct InsertConversion: Command {
    static let sql = """
        INSERT INTO agents.conversion (tenant_id, id, conversation_id, agent_id, value, currency, occurred_at, dedupe_key,
            payload_sha256, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (tenant_id, dedupe_key) DO NOTHING
        """
    let tenantID: TenantID
    let conversion: Conversion
    let payloadDigest: [UInt8]

    var bindings: Bindings {
        [
            tenantID, conversion.id, conversion.conversationID, conversion.agentID, conversion.value?.amount,
            conversion.value?.currency, conversion.occurredAt, conversion.dedupeKey, payloadDigest,
            conversion.createdAt,
        ]
    }
}

struct SelectConversionByKey: Statement {
    static let sql = """
        SELECT payload_sha256, id, conversation_id, agent_id, value, currency, occurred_at, dedupe_key, created_at
        FROM agents.conversion WHERE tenant_id = $1 AND dedupe_key = $2
        """
    let tenantID: TenantID
    let dedupeKey: String?

    var bindings: Bindings { [tenantID, dedupeKey] }

    static func decode(_ row: inout RowReader) throws -> (payloadDigest: [UInt8], conversion: Conversion) {
        (try row.read([UInt8].self), try Conversion(from: &row))
    }
}

/// A page and one row more.
struct SelectConversions: Statement {
    static let sql = """
        SELECT id, conversation_id, agent_id, value, currency, occurred_at, dedupe_key, created_at
        FROM agents.conversion
        WHERE tenant_id = $1 AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $4
        """
    let tenantID: TenantID
    let request: PageRequest

    var bindings: Bindings { [tenantID, request.before.createdAt, request.before.id, request.limit + 1] }

    static func decode(_ row: inout RowReader) throws -> Conversion { try Conversion(from: &row) }
}

extension Conversion {
    fileprivate init(from row: inout RowReader) throws {
        self.init(
            id: try row.read(),
            conversationID: try row.read(),
            agentID: try row.read(),
            value: try Money(from: &row),
            occurredAt: try row.read(),
            dedupeKey: try row.read(String?.self),
            createdAt: try row.read()
        )
    }
}
