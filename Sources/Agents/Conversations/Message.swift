package import Primitives

/// What one side of a conversation said.
package struct Message: Hashable, Sendable {
    package let id: MessageID
    package let conversationID: ConversationID
    /// From 1, without gaps.
    package let sequence: Int
    package let role: Role
    package let content: String
    /// History that the caller brought along: neither answered nor counted.
    package let isImported: Bool
    /// The run that wrote it.
    package let runID: RunID?
    /// What the answer was told of the knowledge base, as it was shown.
    package let sources: [JSON]
    package let metadata: JSONObject
    package let createdAt: Timestamp

    package enum Role: String, Sendable, CaseIterable {
        case user, assistant
    }

    package var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}
