public import Primitives

/// The place of an event's content in the history of its object; the parts decide in this order.
public struct ClerkVersion: Sendable, Hashable {
    /// When Clerk changed the object.
    public let updatedAt: Timestamp
    /// When Clerk made the event.
    public let eventAt: Timestamp
    /// Means nothing, and decides the same way everywhere.
    public let bodySHA256: [UInt8]

    public init(updatedAt: Timestamp, eventAt: Timestamp, bodySHA256: [UInt8]) {
        self.updatedAt = updatedAt
        self.eventAt = eventAt
        self.bodySHA256 = bodySHA256
    }
}
