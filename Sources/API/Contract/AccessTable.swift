internal import HTTPTypes
internal import Tenancy

/// Who may call a route.
enum Access: Hashable, Sendable {
    /// Anybody, with no credential of a tenant.
    case open
    case tenant(AccessRule)
}

/// How what stands before the routes treats one.
enum Manner: Hashable, Sendable {
    case plain
    /// Asks after the process itself: answered while it drains, and whatever else its address sends.
    case probe
    /// For an EventSource, which anything but 200 would end for ever: what may be gone in a moment is answered with `retry`.
    case eventStream
}

/// Who may call each route, by which class it is limited, and in which manner: a line each, and no route without one.
enum AccessTable {
    struct Line: Sendable {
        let method: HTTPRequest.Method
        let path: String
        let access: Access
        let routeClass: RouteClass
        let manner: Manner
        /// Whether a ticket in the query is as good as a person's token.
        var takesTickets = false
    }

    static let lines: [Line] = service + tenant

    private static let service: [Line] = [
        .open(.get, "/"),
        .open(.get, "/health", manner: .probe),
        .open(.get, "/ready", manner: .probe),
        .open(.get, "/api/v2/health"),
        // The route's own token, or this machine.
        .open(.get, "/metrics", manner: .probe),
        .open(.get, "/openapi.json"),
        .open(.get, "/docs"),
        .open(.get, "/docs/{file}"),
        .open(.get, "/redoc"),
        // Svix's signature.
        .open(.post, "/webhooks/clerk"),
        .open(.get, "/.well-known/webhook-keys.json"),
    ]

    private static let tenant: [Line] = [
        .tenant(.get, "/agents", .anyMember, .scope(.agentsRead)),
        .tenant(.post, "/agents", .holding(.manageAgents), .scope(.agentsWrite)),
        .tenant(.get, "/agents/{agent_id}", .anyMember, .scope(.agentsRead)),
        .tenant(.patch, "/agents/{agent_id}", .holding(.manageAgents), .scope(.agentsWrite)),
        .tenant(.put, "/agents/{agent_id}", .holding(.manageAgents), .scope(.agentsWrite)),
        .tenant(.delete, "/agents/{agent_id}", .holding(.manageAgents), .scope(.agentsWrite)),
        .tenant(.post, "/agents/{agent_id}/chat/stream", .anyMember, .scope(.chat), as: .chat),
        .tenant(.get, "/runs/{run_id}", .anyMember, .scope(.chat)),

        .tenant(.get, "/conversations", .anyMember, .scope(.conversationsRead)),
        .tenant(.get, "/conversations/{conversation_id}", .anyMember, .scope(.conversationsRead)),
        .tenant(.patch, "/conversations/{conversation_id}", .anyMember, .scope(.conversationsWrite)),
        .tenant(.delete, "/conversations/{conversation_id}", .anyMember, .scope(.conversationsWrite)),
        .tenant(.get, "/conversations/{conversation_id}/messages", .anyMember, .scope(.conversationsRead)),

        .tenant(.get, "/knowledge/bases", .anyMember, .scope(.knowledgeRead)),
        .tenant(.post, "/knowledge/bases", .holding(.manageKnowledge), .scope(.knowledgeWrite)),
        .tenant(.get, "/knowledge/bases/{base_id}", .anyMember, .scope(.knowledgeRead)),
        .tenant(.patch, "/knowledge/bases/{base_id}", .holding(.manageKnowledge), .scope(.knowledgeWrite)),
        .tenant(.delete, "/knowledge/bases/{base_id}", .holding(.manageKnowledge), .scope(.knowledgeWrite)),
        .tenant(.post, "/knowledge/upload", .holding(.manageKnowledge), .scope(.knowledgeWrite), as: .upload),
        .tenant(.post, "/knowledge/text", .holding(.manageKnowledge), .scope(.knowledgeWrite), as: .upload),
        .tenant(.get, "/knowledge/documents", .anyMember, .scope(.knowledgeRead)),
        .tenant(.get, "/knowledge/documents/{document_id}", .anyMember, .scope(.knowledgeRead)),
        .tenant(.delete, "/knowledge/documents/{document_id}", .holding(.manageKnowledge), .scope(.knowledgeWrite)),
        .tenant(.post, "/knowledge/search", .anyMember, .scope(.knowledgeRead), as: .read),

        .tenant(.post, "/conversions", .anyMember, .scope(.conversionsWrite)),
        .tenant(.get, "/conversions", .holding(.readAnalytics), .scope(.analyticsRead)),
        .tenant(.get, "/analytics", .holding(.readAnalytics), .scope(.analyticsRead)),
        .tenant(.get, "/analytics/dashboard", .holding(.readAnalytics), .scope(.analyticsRead)),
        // For pages, whose EventSource can send no headers; a ticket shows what any member may see.
        .tenant(.get, "/events/dashboard", .anyMember, .scope(.eventsRead), manner: .eventStream, takesTickets: true),
        .tenant(.post, "/events/tickets", .anyMember, .refused),

        .tenant(.get, "/settings", .anyMember, .scope(.settingsRead)),
        .tenant(.patch, "/settings", .holding(.manageSettings), .scope(.settingsWrite)),
        .tenant(.put, "/settings", .holding(.manageSettings), .scope(.settingsWrite)),
        .tenant(.get, "/audit-log", .admins, .scope(.auditRead)),
        .tenant(.get, "/models", .anyMember, .scope(.modelsRead)),

        .tenant(.get, "/webhooks", .holding(.manageWebhooks), .scope(.webhooksRead)),
        .tenant(.post, "/webhooks", .holding(.manageWebhooks), .scope(.webhooksWrite)),
        .tenant(.get, "/webhooks/{webhook_id}", .holding(.manageWebhooks), .scope(.webhooksRead)),
        .tenant(.patch, "/webhooks/{webhook_id}", .holding(.manageWebhooks), .scope(.webhooksWrite)),
        .tenant(.put, "/webhooks/{webhook_id}", .holding(.manageWebhooks), .scope(.webhooksWrite)),
        .tenant(.delete, "/webhooks/{webhook_id}", .holding(.manageWebhooks), .scope(.webhooksWrite)),
        .tenant(.post, "/webhooks/{webhook_id}/rotate-secret", .holding(.manageWebhooks), .scope(.webhooksWrite)),
        .tenant(.post, "/webhooks/{webhook_id}/test", .holding(.manageWebhooks), .scope(.webhooksWrite)),
        .tenant(.post, "/webhooks/{webhook_id}/replay", .holding(.manageWebhooks), .scope(.webhooksWrite)),
        .tenant(.get, "/webhooks/{webhook_id}/replays/{replay_id}", .holding(.manageWebhooks), .scope(.webhooksRead)),
        .tenant(.get, "/webhooks/{webhook_id}/deliveries", .holding(.manageWebhooks), .scope(.webhooksRead)),
        .tenant(
            .get,
            "/webhooks/{webhook_id}/deliveries/{delivery_id}",
            .holding(.manageWebhooks),
            .scope(.webhooksRead)
        ),
        .tenant(
            .post,
            "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
            .holding(.manageWebhooks),
            .scope(.webhooksWrite)
        ),

        // A key never manages keys.
        .tenant(.post, "/api-keys", .admins, .refused),
        .tenant(.get, "/api-keys", .admins, .refused),
        .tenant(.get, "/api-keys/{key_id}", .admins, .refused),
        .tenant(.delete, "/api-keys/{key_id}", .admins, .refused),
    ]

    /// A route that has no line is a mistake of whoever wrote it, found when the API is made.
    static func line(_ method: HTTPRequest.Method, _ path: String) -> Line {
        guard let line = lines.first(where: { $0.method == method && $0.path == path }) else {
            preconditionFailure("AccessTable has no line for \(method) \(path)")
        }
        return line
    }
}

extension AccessTable.Line {
    fileprivate static func open(_ method: HTTPRequest.Method, _ path: String, manner: Manner = .plain) -> Self {
        Self(method: method, path: path, access: .open, routeClass: .read, manner: manner)
    }

    /// - Parameter routeClass: unless given, what GETs is read and everything else written.
    fileprivate static func tenant(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ people: AccessRule.People,
        _ keys: AccessRule.Keys,
        as routeClass: RouteClass? = nil,
        manner: Manner = .plain,
        takesTickets: Bool = false
    ) -> Self {
        Self(
            method: method,
            path: basePath + path,
            access: .tenant(AccessRule(people: people, keys: keys)),
            routeClass: routeClass ?? (method == .get ? .read : .write),
            manner: manner,
            takesTickets: takesTickets
        )
    }
}
