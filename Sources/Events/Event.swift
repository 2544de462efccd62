internal import Postgres
package import Primitives

/// One thing that happened, appended in the transaction of its effect.
package struct Event: Sendable {
    package let id: EventID
    package let type: EventType
    package let audience: Audience
    /// The JSON of `data`, as every reader sends it, byte for byte.
    package let payload: String
    /// The agent that it concerns, for readers who follow one agent.
    package let agentID: AgentID?
    package let occurredAt: Timestamp

    package enum Audience: String, Sendable, PostgresText {
        /// The tenant's dashboard and webhooks.
        case tenant
        /// Our own processes only.
        case `internal`
    }

    package init(
        _ type: EventType,
        data: JSON,
        agentID: AgentID? = nil,
        audience: Audience = .tenant,
        occurredAt: Timestamp,
        id: EventID = .next()
    ) {
        self.id = id
        self.type = type
        self.audience = audience
        self.payload = data.description
        self.agentID = agentID
        self.occurredAt = occurredAt
    }
}
