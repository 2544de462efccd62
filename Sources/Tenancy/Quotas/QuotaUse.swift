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
