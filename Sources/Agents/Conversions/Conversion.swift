public import Analytics
public import Primitives

/// Something of worth that came of a conversation: a sale, a subscription.
public struct Conversion: Hashable, Sendable {
    public let id: ConversionID
    public let conversationID: ConversationID
    public let agentID: AgentID
    public let value: Money?
    public let occurredAt: Timestamp
    public let dedupeKey: String?
    public let createdAt: Timestamp

    public var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}

/// A conversion as it is told.
public struct ConversionDraft: Hashable, Sendable {
    public var conversationID: ConversationID
    public var value: Money?
    /// nil is now; at most 35 days ago and 5 minutes ahead.
    public var occurredAt: Timestamp?
    /// The caller's name for it: told twice, it is one conversion.
    public var dedupeKey: String?

    public init(
        conversationID: ConversationID,
        value: Money? = nil,
        occurredAt: Timestamp? = nil,
        dedupeKey: String? = nil
    ) {
        self.conversationID = conversationID
        self.value = value
        self.occurredAt = occurredAt
        self.dedupeKey = dedupeKey
    }
}
