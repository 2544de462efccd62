/// What was done, as the audit log names it: the kind of thing it was done to, and what became of that.
///
/// Stored and shown by its raw value, which is never given another meaning and never taken away.
public enum AuditAction: String, Hashable, Sendable, CaseIterable {
    case agentCreated = "agent.created"
    case agentUpdated = "agent.updated"
    case agentReplaced = "agent.replaced"
    case agentDeleted = "agent.deleted"
    case apiKeyCreated = "api_key.created"
    case apiKeyRevoked = "api_key.revoked"
    case conversationUpdated = "conversation.updated"
    case conversationDeleted = "conversation.deleted"
    case conversionRecorded = "conversion.recorded"
    case documentAdded = "document.added"
    case documentDeleted = "document.deleted"
    case knowledgeBaseCreated = "knowledge_base.created"
    case knowledgeBaseUpdated = "knowledge_base.updated"
    case knowledgeBaseDeleted = "knowledge_base.deleted"
    case memberUpdated = "member.updated"
    case memberRemoved = "member.removed"
    case organizationUpdated = "organization.updated"
    case organizationDeleted = "organization.deleted"
    case organizationSuspended = "organization.suspended"
    case organizationActivated = "organization.activated"
    case settingsUpdated = "settings.updated"
    case settingsReplaced = "settings.replaced"
    case webhookCreated = "webhook.created"
    case webhookUpdated = "webhook.updated"
    case webhookReplaced = "webhook.replaced"
    case webhookDeleted = "webhook.deleted"
    case webhookSecretRotated = "webhook.secret_rotated"
    case webhookTested = "webhook.tested"
    case webhookReplayed = "webhook.replayed"
    case webhookDeliveryRepeated = "webhook_delivery.repeated"

    /// What it was done to: `agent`.
    public var targetKind: String {
        String(rawValue.prefix { $0 != "." })
    }
}
