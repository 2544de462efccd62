internal import Agents
internal import Auth
internal import HTTPTypes
internal import Primitives
internal import Tenancy

/// The keys with which an organisation's servers call this API.
struct APIKeyRoutes {
    let keys: APIKeyService
    let agents: AgentService

    var endpoints: [TenantEndpoint] {
        [
            .write(
                .post,
                "/api-keys",
                "Create an API key; its secret is in this answer and nowhere else",
                .data(.newAPIKey, status: .created).storing(\.withoutSecret),
                audit: .of(.apiKeyCreated, \.key.id),
                faults: [.agentNotFound]
            ) { (input: BodyFields<NewKeyBody>, transaction, context) in
                try await agents.requireAll(input.body.grant.agentIDs ?? [], in: transaction)
                return try await keys.create(input.body.grant, by: try context.userID, in: transaction)
            },
            .read("/api-keys", "List API keys, newest first, those without use any more too", .page(of: .apiKey)) {
                (input: PageFields, context) in
                try await keys.keys(input.page, in: context.tenant.tenantID)
            },
            .read("/api-keys/{key_id}", "Read an API key", .data(.apiKey), faults: [.apiKeyNotFound]) {
                (input: KeyPath, context) in
                try await keys.key(input.id, in: context.tenant.tenantID)
            },
            .write(
                .delete,
                "/api-keys/{key_id}",
                "Revoke an API key: every server refuses it within 5 seconds, for ever",
                .data(.apiKey),
                audit: .of(.apiKeyRevoked, \.id),
                faults: [.apiKeyNotFound]
            ) { (input: KeyRevocation, transaction, context) in
                try await keys.revoke(input.id, by: try context.userID, reason: input.reason, in: transaction)
            },
        ]
    }
}

extension TenantRequestContext {
    /// The person who calls, where only people can.
    fileprivate var userID: String {
        get throws(Fault) {
            guard let userID = tenant.principal.userID else { throw .peopleOnly }
            return userID
        }
    }
}

private struct KeyPath: RequestFields {
    let id: APIKeyID

    init(from request: inout RequestReader) {
        id = request.path("key_id", .id(), "The key.")
    }
}

private struct KeyRevocation: RequestFields {
    let id: APIKeyID
    let reason: String?

    init(from request: inout RequestReader) {
        id = request.path("key_id", .id(), "The key.")
        reason = request.query("reason", .name(1...200), "Why, for those who ask later.")
    }
}

private struct NewKeyBody: FieldList {
    static let schemaName = "ApiKeyInput"
    static let unknownFields = UnknownFields.refused(
        exceptReadOnly: [
            "id", "prefix", "secret", "created_by", "created_at", "last_used_at", "revoked_at", "revoked_by",
            "revoked_reason",
        ]
    )

    let grant: APIKey.Grant

    init(from fields: inout FieldReader) {
        let name = fields.required("name", .name(1...100).example("Loja virtual"), "What uses it.")
        let scopes = fields.required(
            "scopes",
            Field<[KeyScope]>.list(of: .oneOf(placeholder: .chat), 1...KeyScope.allCases.count),
            "What it may do."
        )
        let agentIDs = fields.optional(
            "agent_ids",
            Field<[AgentID]>.list(of: .id(), 1...100),
            "The only agents that it reaches. Such a key can hold \(Self.confinedScopes) and no other scope."
        )
        grant = APIKey.Grant(
            name: name,
            scopes: Set(scopes),
            agentIDs: agentIDs.map { Set($0) },
            requestsPerMinute: fields.optional(
                "rate_limit",
                .integer(1...100_000),
                "Requests a minute, instead of what all keys have. The organisation's own limit stays above it."
            ),
            expiresAt: fields.optional("expires_at", .timestamp, "When it ends by itself; never by default.")
        )
        fields.check(
            agentIDs == nil || scopes.allSatisfy(\.canBeConfined),
            "scopes",
            pt: "com agent_ids, só são possíveis \(Self.confinedScopes)",
            en: "with agent_ids, only \(Self.confinedScopes) are possible"
        )
    }

    private static let confinedScopes =
        KeyScope.allCases.filter(\.canBeConfined).map { "`\($0.rawValue)`" }.joined(separator: ", ")
}

extension Output where Value == APIKey {
    fileprivate static let members: [Member<APIKey>] = [
        Member("id", .id(), \.id),
        Member("name", .text, \.grant.name),
        Member("prefix", .text, \.prefix),
        Member("scopes", Output<KeyScope>.name().list) { $0.grant.scopes.sorted { $0.rawValue < $1.rawValue } },
        Member("agent_ids", Output<AgentID>.id().list.nullable) { $0.grant.agentIDs?.sorted() },
        Member("rate_limit", Output<Int>.integer.nullable, \.grant.requestsPerMinute),
        Member("expires_at", Output<Timestamp>.timestamp.nullable, \.grant.expiresAt),
        Member("created_by", .text, \.createdBy),
        Member("created_at", .timestamp, \.createdAt),
        Member("last_used_at", Output<Timestamp>.timestamp.nullable, \.lastUsedAt),
        Member("revoked_at", Output<Timestamp>.timestamp.nullable) { $0.revocation?.at },
        Member("revoked_by", Output<String>.text.nullable) { $0.revocation?.by },
        Member("revoked_reason", Output<String>.text.nullable) { $0.revocation?.reason },
    ]

    fileprivate static let apiKey = Output.object("ApiKey", members)
}

extension Output where Value == NewAPIKey {
    /// `secret` is null where the answer is given again.
    fileprivate static let newAPIKey = Output.object(
        "NewApiKey",
        Output<APIKey>.members.map { $0.of(\.key) }
            + [Member("secret", Output<String>.text.nullable) { $0.secret?.exposed }]
    )
}
