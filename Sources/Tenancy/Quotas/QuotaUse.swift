public import Postgres
public import Primitives

/// What counts against a tenant's hard quotas in one month; an answer under way with the most that it can take.
public struct QuotaUse: Hashable, Sendable {
    public let messages: Int
    public let tokens: Int
    /// Whatever the month.
    public let storageBytes: Int
    /// When messages and tokens begin anew: the first moment of the next month, UTC.
    public let renewsAt: Timestamp

    public subscript(quota: Quota) -> Int {
        switch quota {
        case .messages: messages
        case .tokens: tokens
        case .storage: storageBytes
        }
    }

    /// For the transaction that took the use: rolled back, it is given back.
    /// - Throws: `quota_exceeded` where more was taken than the plan has.
    public func require(_ quotas: Quota..., within limits: PlanLimits, at now: Timestamp) throws(Fault) {
        for quota in quotas {
            if let limit = limits[quota], self[quota] > limit {
                throw .quotaExceeded(quota, limit: limit, renewsAt: renewsAt, now: now)
            }
        }
    }
}

extension TenantTransaction {
    /// - Parameter moment: within the month that is asked for.
    public func quotaUse(at moment: Timestamp) async throws -> QuotaUse {
        let use = try await queryFirst(SelectQuotaUse(tenantID: tenantID, at: moment))
        guard let use else { throw Fault(.internalFailure, .internalFailure) }
        return use
    }
}

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
