public import Tenancy

extension TenantTransaction {
    /// Appends what happened to the transaction of its effect, in one statement: committed with it, delivered once;
    /// rolled back with it, never was.
    public func append(_ events: Event...) async throws {
        try await append(events)
    }

    public func append(_ events: [Event]) async throws {
        guard !events.isEmpty else { return }
        try await execute(AppendEvents(tenantID: tenantID, events: events))
    }
}
