public import Primitives

/// One line of the audit log.
public struct AuditEntry: Hashable, Sendable {
    public let id: AuditEntryID
    /// When the transaction began that it is part of.
    public let occurredAt: Timestamp
    public let actor: Principal.Actor
    public let action: AuditAction
    public let targetID: String
    public let address: String?
    public let requestID: RequestID?
    /// Names of what changed, such as `{"fields": ["name"]}`.
    public let details: JSON
}

/// Which lines are asked for; nil asks for all.
public struct AuditFilter: Hashable, Sendable {
    public let actorID: String?
    public let action: AuditAction?
    public let targetID: String?
    /// From this moment on.
    public let since: Timestamp?
    /// Before this moment.
    public let until: Timestamp?

    public init(
        actorID: String? = nil,
        action: AuditAction? = nil,
        targetID: String? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil
    ) {
        self.actorID = actorID
        self.action = action
        self.targetID = targetID
        self.since = since
        self.until = until
    }
}
