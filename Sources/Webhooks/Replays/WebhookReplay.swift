public import Primitives

/// Sending an endpoint again whatever it did not get since some time.
public struct WebhookReplay: Sendable, Hashable {
    public let id: WebhookReplayID
    public let endpointID: WebhookID
    /// Events from then on; of the endpoint's enabling, where it is what was held.
    public let since: Timestamp
    /// Whether the system began it, since the endpoint was enabled again: then it is about what was held.
    public let isRelease: Bool
    /// Deliveries that it concerned when it began; 0 where the system began it, which does not count.
    public let total: Int
    /// Of which so many are on their way.
    public let enqueued: Int
    public let createdAt: Timestamp
    /// nil while it goes on.
    public let finishedAt: Timestamp?
}
