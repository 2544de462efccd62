internal import Postgres
internal import Primitives

/// A key is kept for 24 hours; one that is older is as good as new.
struct DeleteExpiredIdempotencyKey: Command {
    static let sql = """
        DELETE FROM tenancy.idempotency_key
        WHERE tenant_id = $1 AND key = $2 AND created_at < now() - interval '24 hours'
        """
    let tenantID: TenantID
    let key: String

    var bindings: Bindings { [tenantID, key] }
}

struct ClaimIdempotencyKey: Command {
    static let sql = """
        INSERT INTO tenancy.idempotency_key (tenant_id, key, request_sha256) VALUES ($1, $2, $3)
        ON CONFLICT (tenant_id, key) DO NOTHING
        """
    let tenantID: TenantID
    let key: IdempotencyKey

    var bindings: Bindings { [tenantID, key.key, key.requestDigest] }
}

struct StoreIdempotentAnswer: Command {
    static let sql = """
        UPDATE tenancy.idempotency_key SET status = $3, body = $4 WHERE tenant_id = $1 AND key = $2
        """
    let tenantID: TenantID
    let key: String
    let answer: StoredAnswer

    var bindings: Bindings { [tenantID, key, answer.status, answer.body] }
}

struct SelectIdempotentAnswer: Statement {
    static let sql = """
        SELECT request_sha256, status, body FROM tenancy.idempotency_key WHERE tenant_id = $1 AND key = $2
        """
    let tenantID: TenantID
    let key: String

    var bindings: Bindings { [tenantID, key] }

    static func decode(_ row: inout RowReader) throws -> (requestDigest: [UInt8], answer: StoredAnswer) {
        let digest = try row.read([UInt8].self)
        return (digest, StoredAnswer(status: try row.read(Int.self), body: try row.read([UInt8].self)))
    }
}
