public import Postgres
public import Primitives

/// What of a tenant's quotas is taken; in the transaction that takes of one, after it did, exact until its commit.
public struct SelectQuotaUse: Statement {
    public static let sql = """
        SELECT coalesce(used.messages, 0), coalesce(used.tokens, 0), coalesce(storage.bytes, 0),
            (asked.month + interval '1 month') AT TIME ZONE 'UTC'
        FROM (
            SELECT $1::uuid AS tenant_id, date_trunc('month', $2::timestamptz AT TIME ZONE 'UTC')::date AS month
        ) AS asked
        LEFT JOIN tenancy.monthly_use AS used ON used.tenant_id = asked.tenant_id AND used.month = asked.month
        LEFT JOIN tenancy.storage_use AS storage ON storage.tenant_id = asked.tenant_id
        """
    let tenantID: TenantID
    let moment: Timestamp

    public init(tenantID: TenantID, at moment: Timestamp) {
        self.tenantID = tenantID
        self.moment = moment
    }

    public var bindings: Bindings { [tenantID, moment] }

    public static func decode(_ row: inout RowReader) throws -> QuotaUse {
        QuotaUse(
            messages: try row.read(),
            tokens: try row.read(),
            storageBytes: try row.read(),
            renewsAt: try row.read()
        )
    }
}
