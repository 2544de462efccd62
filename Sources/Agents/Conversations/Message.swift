public import Primitives

/// What one side of a conversation said.
public struct Message: Hashable, Sendable {
    public let id: MessageID
    public let conversationID: ConversationID
    /// From 1, without gaps.
    public let sequence: Int
    public let role: Role
    public let content: String
    /// History that the caller brought along: neither answered nor counted.
    public let isImported: Bool
    /// The run that wrote it.
    public let runID: RunID?
    /// What the answer was told of the knowledge base, as it was shown.
    public let sources: [JSON]
    public let metadata: JSONObject
    public let createdAt: Timestamp

    public enum Role: String, Sendable, CaseIterable {
        case user, assistant
    }

    public var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}
