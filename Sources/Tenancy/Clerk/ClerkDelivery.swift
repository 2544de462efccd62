public import Primitives

/// A webhook as it came, to be stored once.
public struct ClerkDelivery: Sendable {
    /// The organisation's that it is about; `TenantID.system` for those about none.
    public let tenantID: TenantID
    /// The sender's id of it, the same in each attempt.
    public let id: String
    public let type: String
    public let body: [UInt8]

    public init(tenantID: TenantID, id: String, type: String, body: [UInt8]) {
        self.tenantID = tenantID
        self.id = id
        self.type = type
        self.body = body
    }
}
