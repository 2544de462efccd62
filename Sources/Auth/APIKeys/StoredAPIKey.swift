internal import Primitives
internal import Tenancy

/// A key's row, as far as it decides over a request.
struct StoredAPIKey: Sendable {
    let tenantID: TenantID
    /// SHA-256 of its text.
    let digest: [UInt8]
    let principal: Principal.Key
    let requestsPerMinute: Int?
    let expiresAt: Timestamp?
    let isRevoked: Bool
    let lastUsedAt: Timestamp?
}
