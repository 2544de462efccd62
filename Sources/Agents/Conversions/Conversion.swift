package import Analytics
package import Primitives

/// Something of worth that came of a conversation: a sale, a subscription.
package struct Conversion: Hashable, Sendable {
    package let id: ConversionID
    package let conversationID: ConversationID
    package let agentID: AgentID
    package let value: Money?
    package let occurredAt: Timestamp
    package let dedupeKey: String?
    package let createdAt: Timestamp

    package var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}

/// A conversion as it is told.
package struct ConversionDraft: Hashable, Sendable {
    package var conversationID: ConversationID
    package var value: Money?
    /// nil is now; at most 35 days ago and 5 minutes ahead.
    package var occurredAt: Timestamp?
    /// The caller's name for it: told twice, it is one conversion.
    package var dedupeKey: String?

    package init(
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
