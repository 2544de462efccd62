public import Primitives

/// Which of its tenant's events a reader wants.
public struct EventFilter: Sendable {
    /// nil: all.
    public let types: Set<EventType>?
    /// nil: all, also those that concern no agent.
    public let agentID: AgentID?

    public init(types: Set<EventType>? = nil, agentID: AgentID? = nil) {
        self.types = types
        self.agentID = agentID
    }

    func admits(_ event: LiveEvent) -> Bool {
        if let types, !types.contains(event.type) { return false }
        if let agentID, agentID != event.agentID { return false }
        return true
    }
}
