public import Primitives

/// An exchange of messages between a visitor and an agent.
public struct Conversation: Hashable, Sendable {
    public let id: ConversationID
    public let agentID: AgentID
    public let channel: Channel
    public let title: String?
    public let status: Status
    public let metadata: JSONObject
    /// Who writes and where they came from, as the caller told: personal data.
    public let endUser: JSON?
    public let attribution: JSON?
    /// With imported ones.
    public let messageCount: Int
    public let createdAt: Timestamp
    public let updatedAt: Timestamp

    public enum Status: String, Sendable, CaseIterable {
        case active, resolved
        case humanRequested = "human_requested"
    }

    /// Where its visitor writes from; open, since channels come.
    public struct Channel: RawRepresentable, Hashable, Sendable {
        public let rawValue: String

        public init(rawValue: String) {
            self.rawValue = rawValue
        }

        public static let dashboard = Channel(rawValue: "dashboard")
        public static let api = Channel(rawValue: "api")
        public static let widget = Channel(rawValue: "widget")
    }

    public var pageCursor: PageCursor { PageCursor(createdAt: createdAt, id: id.uuid) }
}

/// Which conversations a list shows; nil shows all.
public struct ConversationFilter: Hashable, Sendable {
    public var agentID: AgentID?
    public var status: Conversation.Status?
    /// Only with one of these agents.
    public var agentIDs: Set<AgentID>?

    public init(agentID: AgentID? = nil, status: Conversation.Status? = nil, agentIDs: Set<AgentID>? = nil) {
        self.agentID = agentID
        self.status = status
        self.agentIDs = agentIDs
    }
}

/// A partial update: nil keeps what is stored; `.some(nil)` clears what may be absent.
public struct ConversationChanges: Hashable, Sendable {
    public var title: String??
    public var status: Conversation.Status?
    public var metadata: JSONObject?

    public init(title: String?? = nil, status: Conversation.Status? = nil, metadata: JSONObject? = nil) {
        self.title = title
        self.status = status
        self.metadata = metadata
    }
}
