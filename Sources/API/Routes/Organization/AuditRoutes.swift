internal import HTTPTypes
internal import Primitives
internal import Tenancy

/// Who did what in the organisation.
struct AuditRoutes {
    let database: TenantDatabase

    var endpoints: [TenantEndpoint] {
        [
            .read("/audit-log", "Who did what, newest first", .page(of: .auditEntry)) {
                (input: AuditFields, context) in
                try await database.auditLog(input.filter, input.page, of: context.tenant.tenantID)
            }
        ]
    }
}

private struct AuditFields: RequestFields {
    let page: PageRequest
    let filter: AuditFilter

    init(from request: inout RequestReader) {
        page = request.page()
        filter = AuditFilter(
            actorID: request.query("actor_id", .text(1...200), "Only what this user, key or delivery did."),
            action: request.query("action", .oneOf(placeholder: .agentCreated), "Only this."),
            targetID: request.query("target_id", .text(1...200), "Only what was done to this."),
            since: request.query("since", .timestamp, "From this moment on."),
            until: request.query("until", .timestamp, "Before this moment.")
        )
    }
}

extension Output where Value == AuditEntry {
    fileprivate static let auditEntry = Output.object(
        "AuditEntry",
        [
            Member("id", .id(), \.id),
            Member("occurred_at", .timestamp, \.occurredAt),
            Member("actor", .actor, \.actor),
            Member("action", .name(), \.action),
            Member("target", .target) { $0 },
            Member("address", Output<String>.text.nullable, \.address),
            Member("request_id", Output<RequestID>.id().nullable, \.requestID),
            Member("details", .anything, \.details),
        ]
    )

    private static let target = Output.object(
        "AuditTarget",
        [Member("kind", .text, \.action.targetKind), Member("id", .text, \.targetID)]
    )
}

extension Output where Value == Principal.Actor {
    fileprivate static let actor = Output.object("Actor", [Member("kind", .name(), \.kind), Member("id", .text, \.id)])
}
