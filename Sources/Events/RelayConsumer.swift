public import Postgres
public import Primitives

/// Who makes something of each event when it gets its position, in the relay's transaction: once for each event that was
/// committed, and never for another.
public protocol RelayConsumer: Sendable {
    /// Where it throws, no event of the batch has been relayed, and the relay comes again: what it cannot take stops the
    /// order of all tenants' events.
    ///
    /// - Parameters:
    ///   - events: those for tenants, in their order.
    ///   - transaction: the worker's.
    /// - Returns: what to do once it has committed; nil for nothing.
    func take(
        _ events: [RelayedEvent],
        in transaction: PostgresTransaction
    ) async throws -> (@Sendable () -> Void)?
}

/// An event as it was appended.
public struct RelayedEvent: Sendable {
    public let tenantID: TenantID
    public let id: EventID
    public let type: EventType
    /// The JSON of `data`, byte for byte.
    public let payload: String
    public let subjectID: SubjectID?
    public let occurredAt: Timestamp
    /// In the order of all events: of what is taken later it is greater.
    public let position: Int
}
