public import Postgres
public import Primitives

/// An event on its way to one endpoint.
public struct WebhookDelivery: Sendable, Hashable {
    /// The event's, which is also the `webhook-id` of every attempt.
    public let id: EventID
    public let endpointID: WebhookID
    /// Of the event.
    public let type: String
    public let state: State
    /// That were begun, of all kinds.
    public let attemptCount: Int
    /// When it is sent next; a moment that has passed says that it is about to be.
    ///
    /// nil while it is pending: it waits until those of its ordering key that come before it are settled.
    public let nextAttemptAt: Timestamp?
    /// Those with the same are sent in their order; nil where there is none.
    public let orderingKey: SubjectID?
    public let createdAt: Timestamp
    /// When it was settled last; nil while it is pending or held.
    public let finishedAt: Timestamp?

    public var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }

    public enum State: String, Sendable, PostgresText, CaseIterable {
        /// Is being sent, or waits for its next attempt.
        case pending
        case succeeded
        /// All of its attempts failed.
        case failed
        /// Waits for its endpoint to be enabled again.
        case held
    }
}

/// A delivery with what is sent, and its attempts.
public struct WebhookDeliveryDetail: Sendable {
    public let delivery: WebhookDelivery
    /// The JSON that each attempt sends, byte for byte.
    public let body: String
    /// The last hundred, newest first.
    public let attempts: [WebhookAttempt]
}
