internal import Agents
internal import HTTPTypes
internal import Knowledge
internal import Primitives
internal import Tenancy

/// Agents, their tenant's own.
struct AgentRoutes {
    let agents: AgentService

    var endpoints: [TenantEndpoint] {
        [
            .write(
                .post,
                "/agents",
                "Create an agent",
                .data(.agent, status: .created),
                audit: .of(.agentCreated, \.id),
                faults: Self.faults
            ) { (input: BodyFields<AgentBody>, transaction, _) in
                let settings = try await transaction.settings()
                return try await agents.create(input.body.definition(settings), in: transaction)
            },
            .read("/agents", "List agents, newest first", .page(of: .agent)) {
                (input: PageFields, context) in
                let ids = context.tenant.principal.agentIDs
                return try await agents.agents(input.page, among: ids, in: context.tenant.tenantID)
            },
            .read("/agents/{agent_id}", "Read an agent", .data(.agent), faults: [.agentNotFound]) {
                (input: AgentPath, context) in
                try context.tenant.require(input.id)
                return try await agents.agent(input.id, in: context.tenant.tenantID)
            },
            .write(
                .patch,
                "/agents/{agent_id}",
                "Change some of an agent",
                .data(.agent),
                audit: .of(.agentUpdated, \.id),
                faults: Self.faults
            ) { (input: AgentChange, transaction, _) in
                try await agents.update(input.id, input.body.changes, in: transaction)
            },
            .write(
                .put,
                "/agents/{agent_id}",
                "Replace an agent",
                .data(.agent),
                audit: .of(.agentReplaced, \.id),
                faults: Self.faults
            ) { (input: AgentReplacement, transaction, _) in
                let settings = try await transaction.settings()
                return try await agents.replace(input.id, input.body.definition(settings), in: transaction)
            },
            .write(
                .delete,
                "/agents/{agent_id}",
                "Delete an agent; its conversations stay",
                .deleted,
                audit: .named(.agentDeleted, \.id),
                faults: [.agentNotFound]
            ) { (input: AgentPath, transaction, _) in
                try await agents.delete(input.id, in: transaction)
            },
        ]
    }

    private static let faults: [Fault.Code] = [.agentNotFound, .knowledgeBaseNotFound, .unknownModel]
}

private struct AgentPath: RequestFields {
    let id: AgentID

    init(from request: inout RequestReader) {
        id = request.path("agent_id", .id(), "The agent.")
    }
}

private struct AgentReplacement: RequestFields {
    let id: AgentID
    let body: AgentBody

    init(from request: inout RequestReader) {
        id = request.path("agent_id", .id(), "The agent.")
        body = request.body(AgentBody.self)
    }
}

private struct AgentChange: RequestFields {
    let id: AgentID
    let body: AgentChangesBody

    init(from request: inout RequestReader) {
        id = request.path("agent_id", .id(), "The agent.")
        body = request.body(AgentChangesBody.self)
    }
}

extension Output where Value == Agent {
    static let agent = Output.object(
        "Agent",
        [
            Member("id", .id(), \.id),
            Member("name", .text, \.definition.name),
            Member("description", .text, \.definition.description),
            Member("system_prompt", .text, \.definition.systemPrompt),
            Member("model_id", .text, \.definition.modelID),
            Member("temperature", .number, \.definition.temperature),
            Member("max_tokens", .integer, \.definition.maxTokens),
            Member("tools", .list, \.definition.tools),
            Member("visibility", .name(), \.definition.visibility),
            Member("knowledge_base_id", Output<KnowledgeBaseID>.id().nullable, \.definition.knowledgeBaseID),
            Member("interface_config", .object, \.definition.interfaceConfig),
            Member("goals", .list, \.definition.goals),
            Member("created_at", .timestamp, \.createdAt),
            Member("updated_at", .timestamp, \.updatedAt),
        ]
    )
}

extension Output where Value == JSONText {
    fileprivate static let list = Output(schema: Output<JSON>.anything.list.schema) { $1.value($0) }
    fileprivate static let object = Output(schema: Output<JSONObject>.anyObject.schema) { $1.value($0) }
}
