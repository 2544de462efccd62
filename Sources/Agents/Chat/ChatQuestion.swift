public import Primitives

/// What somebody says to an agent, as a request tells it; lengths are checked where the request is read.
public struct ChatQuestion: Sendable {
    public struct Message: Hashable, Sendable {
        public let role: Role
        public let content: String
        public let metadata: JSONObject

        public init(_ role: Role, _ content: String, metadata: JSONObject = JSONObject()) {
            self.role = role
            self.content = content
            self.metadata = metadata
        }
    }

    public enum Role: String, Sendable, CaseIterable {
        case user, assistant
        /// The same as `systemPromptOverride`.
        case system
    }

    public var agentID: AgentID
    /// nil begins a conversation.
    public var conversationID: ConversationID?
    /// The last one but for system messages is the user's; those before it are history, and count only where a
    /// conversation begins.
    public var messages: [Message]
    /// Of a conversation that begins.
    public var channel: Conversation.Channel
    /// nil is the agent's.
    public var temperature: Double?
    /// nil is the agent's.
    public var maxTokens: Int?
    /// What the page knows of its visitor: data, never instructions.
    public var contextData: JSON?
    /// Takes the place of the agent's instructions; needs `org:agents:manage`.
    public var systemPromptOverride: String?
    /// Who writes; of a conversation that begins.
    public var endUser: JSON?
    /// Where they came from; of a conversation that begins.
    public var attribution: JSON?
    /// What was ignored of the request, for the metadata.
    public var warnings: [String]

    public init(
        agentID: AgentID,
        conversationID: ConversationID? = nil,
        messages: [Message],
        channel: Conversation.Channel,
        temperature: Double? = nil,
        maxTokens: Int? = nil,
        contextData: JSON? = nil,
        systemPromptOverride: String? = nil,
        endUser: JSON? = nil,
        attribution: JSON? = nil,
        warnings: [String] = []
    ) {
        self.agentID = agentID
        self.conversationID = conversationID
        self.messages = messages
        self.channel = channel
        self.temperature = temperature
        self.maxTokens = maxTokens
        self.contextData = contextData
        self.systemPromptOverride = systemPromptOverride
        self.endUser = endUser
        self.attribution = attribution
        self.warnings = warnings
    }
}

extension ChatQuestion {
    /// The instructions that the request brings along, if any.
    var instructions: String? {
        let messages = messages.filter { $0.role == .system }.map(\.content)
        let all = [systemPromptOverride].compactMap { $0 } + messages
        return all.isEmpty ? nil : all.joined(separator: "\n\n")
    }

    /// What was said before, and what is said now.
    /// - Throws: `validation_error` where the last message is not the user's.
    func split() throws(Fault) -> (history: ArraySlice<Message>, said: Message) {
        let spoken = messages.filter { $0.role != .system }
        guard let last = spoken.last, last.role == .user else {
            throw .validation(
                "messages",
                LocalizedText(
                    pt: "a última mensagem deve ser do usuário (role \"user\")",
                    en: "the last message must be the user's (role \"user\")"
                )
            )
        }
        return (spoken.dropLast(), last)
    }
}
