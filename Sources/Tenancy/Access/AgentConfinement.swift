public import Primitives

extension KeyScope {
    /// Whether a key that is for some agents only may hold it: each of its routes tells which agent it is about.
    public var canBeConfined: Bool {
        switch self {
        case .agentsRead, .chat, .conversationsRead, .conversationsWrite, .conversionsWrite: true
        case .agentsWrite, .analyticsRead, .auditRead, .eventsRead, .knowledgeRead, .knowledgeWrite, .modelsRead,
            .settingsRead, .settingsWrite, .webhooksRead, .webhooksWrite:
            false
        }
    }
}

extension Principal {
    /// The only agents that it reaches; nil: all of its organisation's.
    public var agentIDs: Set<AgentID>? {
        if case .key(let key) = self { key.agentIDs } else { nil }
    }
}

extension TenantContext {
    /// - Throws: `api_key_agent_denied` for a key that is for other agents only.
    public func require(_ agentID: AgentID) throws(Fault) {
        guard principal.agentIDs?.contains(agentID) ?? true else { throw .apiKeyAgentDenied }
    }
}
