public import Postgres
public import Primitives

/// One thing that happened, appended in the transaction of its effect.
public struct Event: Sendable {
    public let id: EventID
    public let type: EventType
    public let audience: Audience
    /// The JSON of `data`, as every reader sends it, byte for byte.
    public let payload: String
    /// The agent that it concerns, for readers who follow one agent.
    public let agentID: AgentID?
    /// What it is about, for readers who want the events of one subject in their order; nil for nothing of the kind.
    public let subjectID: SubjectID?
    public let occurredAt: Timestamp

    public enum Audience: String, Sendable, PostgresText {
        /// The tenant's dashboard and webhooks.
        case tenant
        /// Our own processes only.
        case `internal`
    }

    public init(
        _ type: EventType,
        data: JSON,
        agentID: AgentID? = nil,
        subjectID: SubjectID? = nil,
        audience: Audience = .tenant,
        occurredAt: Timestamp,
        id: EventID = .next()
    ) {
        self.id = id
        self.type = type
        self.audience = audience
        self.payload = data.description
        self.agentID = agentID
        self.subjectID = subjectID
        self.occurredAt = occurredAt
    }
}
