package import Primitives

/// An exchange of messages between a visitor and an agent.
package struct Conversation: Hashable, Sendable {
    package let id: ConversationID
    package let agentID: AgentID
    package let channel: Channel
    package let title: String?
    package let status: Status
    package let metadata: JSONObject
    /// Who writes and where they came from, as the caller told: personal data.
    package let endUser: JSON?
    package let attribution: JSON?
    /// With imported ones.
    package let messageCount: Int
    package let createdAt: Timestamp
    package let updatedAt: Timestamp

    package enum Status: String, Sendable, CaseIterable {
        case active, resolved
        case humanRequested = "human_requested"
    }

    /// Where its visitor writes from; open, since channels come.
    package struct Channel: RawRepresentable, Hashable, Sendable {
        package let rawValue: String

        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        package static let dashboard = Channel(rawValue: "dashboard")
        package static let api = Channel(rawValue: "api")
        package static let widget = Channel(rawValue: "widget")
    }

    package var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}

/// Which conversations a list shows; nil shows all.
package struct ConversationFilter: Hashable, Sendable {
    package var agentID: AgentID?
    package var status: Conversation.Status?
    /// Only with one of these agents.
    package var agentIDs: Set<AgentID>?

    package init(agentID: AgentID? = nil, status: Conversation.Status? = nil, agentIDs: Set<AgentID>? = nil) {
        self.agentID = agentID
        self.status = status
        self.agentIDs = agentIDs
    }
}

/// A partial update: nil keeps what is stored; `.some(nil)` clears what may be absent.
package struct ConversationChanges: Hashable, Sendable {
    package var title: String??
    package var status: Conversation.Status?
    package var metadata: JSONObject?

    package init(title: String?? = nil, status: Conversation.Status? = nil, metadata: JSONObject? = nil) {
        self.title = title
        self.status = status
        self.metadata = metadata
    }
}
