package import Primitives

/// One line of the audit log.
package struct AuditEntry: Hashable, Sendable {
    package let id: AuditEntryID
    /// When the transaction began that it is part of.
    package let occurredAt: Timestamp
    package let actor: Principal.Actor
    package let action: AuditAction
    package let targetID: String
    package let address: String?
    package let requestID: RequestID?
    /// Names of what changed, such as `{"fields": ["name"]}`.
    package let details: JSON
}

/// Which lines are asked for; nil asks for all.
package struct AuditFilter: Hashable, Sendable {
    package let actorID: String?
    package let action: AuditAction?
    package let targetID: String?
    /// From this moment on.
    package let since: Timestamp?
    /// Before this moment.
    package let until: Timestamp?

    package init(
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
