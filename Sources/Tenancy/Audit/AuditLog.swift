public import Primitives

extension TenantTransaction {
    /// Writes down what this transaction does, by the hand that it was opened by; rolled back with it.
    /// - Parameters:
    ///   - targetID: of what it is done to, of the kind that the action names.
    ///   - details: names of what changed; never secrets, never texts.
    public func audit(_ action: AuditAction, of targetID: String, details: JSON = [:]) async throws {
        try await execute(
            InsertAuditEntry(tenantID: tenantID, action: action, targetID: targetID, origin: origin, details: details)
        )
    }
}

extension TenantDatabase {
    /// The audit log, newest first.
    public func auditLog(
        _ filter: AuditFilter,
        _ page: PageRequest,
        of tenantID: TenantID
    ) async throws -> Page<AuditEntry> {
        let rows =
            if filter.targetID != nil {
                try await query(
                    SelectAuditEntriesOfTarget(tenantID: tenantID, filter: filter, page: page),
                    in: tenantID
                )
            } else if filter.actorID != nil {
                try await query(SelectAuditEntriesOfActor(tenantID: tenantID, filter: filter, page: page), in: tenantID)
            } else if filter.action != nil {
                try await query(
                    SelectAuditEntriesOfAction(tenantID: tenantID, filter: filter, page: page),
                    in: tenantID
                )
            } else {
                try await query(SelectAuditEntries(tenantID: tenantID, filter: filter, page: page), in: tenantID)
            }
        return Page(rows: rows, request: page) { PageCursor(createdAt: $0.occurredAt, id: $0.id.uuid) }
    }
}
