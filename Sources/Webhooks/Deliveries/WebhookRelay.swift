public import Events
internal import Jobs
public import Postgres
public import Primitives

/// Makes the deliveries of each event in the transaction that gives the event its position: one for each endpoint that wants
/// it at that moment, with its job, or none at all.
///
/// No cache decides who gets an event. Where nobody wants any, it costs one look at the endpoints of the events' tenants.
public struct WebhookRelay: RelayConsumer {
    private let wake: @Sendable (WakeUpTopic) -> Void

    /// - Parameter wake: called after jobs were committed, with the topic of their queue.
    public init(wake: @escaping @Sendable (WakeUpTopic) -> Void = { _ in }) {
        self.wake = wake
    }

    public func take(
        _ events: [RelayedEvent],
        in transaction: PostgresTransaction
    ) async throws -> (@Sendable () -> Void)? {
        let listeners = try await transaction.query(SelectListeners(events: events))
        guard !listeners.isEmpty else { return nil }
        let wanted = Set(listeners.map(\.place)).sorted().map { events[$0] }
        let jobs = listeners.filter { !$0.isDisabled }.map { ($0.job(events[$0.place].id), events[$0.place].tenantID) }
        _ = try await transaction.batch(
            InsertMessages(tenantIDs: wanted.map(\.tenantID), messages: wanted.map(WebhookMessage.init)),
            InsertDeliveries(listeners: listeners, events: listeners.map { events[$0.place] }),
            EnqueueJobsOfTenants(jobs.map(\.0), of: jobs.map(\.1))
        )
        let topics = Set(jobs.map(\.0.queue.wakeUpTopic))
        return { [wake] in topics.forEach(wake) }
    }
}

extension Listener {
    /// What goes to a receiver that fails stands before nobody else's.
    fileprivate func job(_ eventID: EventID) -> NewJob {
        let piece = DeliveryPiece(endpointID: endpointID, eventID: eventID, round: 0, trigger: .automatic)
        return isFailing ? NewJob(RetryWebhook(piece)) : NewJob(DeliverWebhook(piece))
    }
}

extension WebhookMessage {
    fileprivate init(_ event: RelayedEvent) {
        self.init(id: event.id, type: event.type, payload: event.payload, occurredAt: event.occurredAt)
    }
}
