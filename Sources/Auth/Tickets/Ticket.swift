public import Primitives

/// What a ticket shows: fixed when it is made.
public struct TicketTopics: Sendable, Hashable {
    /// nil: events of all types.
    public let types: Set<String>?
    /// nil: about all agents, and about none.
    public let agentID: AgentID?

    public init(types: Set<String>? = nil, agentID: AgentID? = nil) {
        self.types = types
        self.agentID = agentID
    }
}

/// A ticket that was just made, with its text, which is known nowhere else and never again.
public struct NewTicket: Sendable {
    public let id: TicketID
    /// Until when it can be used for the first time.
    public let expiresAt: Timestamp
    /// The whole text; nil where it is no longer to be told.
    public private(set) var text: Redacted<String>?

    init(id: TicketID, expiresAt: Timestamp, text: Redacted<String>) {
        self.id = id
        self.expiresAt = expiresAt
        self.text = text
    }

    public var withoutText: NewTicket {
        var copy = self
        copy.text = nil
        return copy
    }
}
