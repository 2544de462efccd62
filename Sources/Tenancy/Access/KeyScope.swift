/// What an API key may do.
///
/// Stored and shown by its raw value, which is never given another meaning.
public enum KeyScope: String, Hashable, Sendable, CaseIterable {
    case agentsRead = "agents:read"
    case agentsWrite = "agents:write"
    case analyticsRead = "analytics:read"
    case auditRead = "audit:read"
    case chat
    case conversationsRead = "conversations:read"
    case conversationsWrite = "conversations:write"
    case conversionsWrite = "conversions:write"
    case eventsRead = "events:read"
    case knowledgeRead = "knowledge:read"
    case knowledgeWrite = "knowledge:write"
    case modelsRead = "models:read"
    case settingsRead = "settings:read"
    case settingsWrite = "settings:write"
    case webhooksRead = "webhooks:read"
    case webhooksWrite = "webhooks:write"
}
