public import Primitives
public import Tenancy

extension TenantTransaction {
    /// Appends what happened to the transaction of its effect, in one statement: committed with it, delivered once;
    /// rolled back with it, never was.
    public func append(_ events: Event...) async throws {
        try await append(events)
    }

    public func append(_ events: [Event]) async throws {
        guard !events.isEmpty else { return }
        try await execute(appending(events))
    }

    /// The statement that appends them, to go into a batch.
    public func appending(_ events: [Event]) -> AppendEvents {
        wakeAfterCommit(.eventsPending)
        return AppendEvents(tenantID: tenantID, events: events)
    }
}

extension WakeUpTopic {
    /// Events were committed that have no position yet.
    public static let eventsPending = WakeUpTopic(rawValue: "events/pending")
    /// Positions were given.
    public static let eventsLogged = WakeUpTopic(rawValue: "events/logged")
}
