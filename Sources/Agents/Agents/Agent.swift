public import Primitives

/// An agent as it is stored.
public struct Agent: Hashable, Sendable {
    public let id: AgentID
    public let definition: AgentDefinition
    public let createdAt: Timestamp
    public let updatedAt: Timestamp

    public init(id: AgentID, definition: AgentDefinition, createdAt: Timestamp, updatedAt: Timestamp) {
        self.id = id
        self.definition = definition
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    public var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}
