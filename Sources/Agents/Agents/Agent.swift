package import Primitives

/// An agent as it is stored.
package struct Agent: Hashable, Sendable {
    package let id: AgentID
    package let definition: AgentDefinition
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package init(id: AgentID, definition: AgentDefinition, createdAt: Timestamp, updatedAt: Timestamp) {
        self.id = id
        self.definition = definition
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    package var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}
