internal import Knowledge
public import Primitives
public import Tenancy

/// A tenant's agents.
public struct AgentService: Sendable {
    private let database: TenantDatabase
    private let models: AvailableModels
    private let clock: WallClock

    public init(database: TenantDatabase, models: AvailableModels, clock: WallClock = .system) {
        self.database = database
        self.models = models
        self.clock = clock
    }

    /// - Throws: `validation_error` for one that is too large, `unknown_model`, `knowledge_base_not_found`.
    public func create(_ definition: AgentDefinition, in transaction: TenantTransaction) async throws -> Agent {
        try await check(definition, against: nil, in: transaction)
        let now = clock.now()
        let agent = Agent(id: .next(), definition: definition, createdAt: now, updatedAt: now)
        try await transaction.execute(InsertAgent(tenantID: transaction.tenantID, agent: agent))
        return agent
    }

    /// Newest first.
    /// - Parameter ids: only these; nil for all.
    public func agents(
        _ request: PageRequest,
        among ids: Set<AgentID>? = nil,
        in tenantID: TenantID
    ) async throws -> Page<Agent> {
        let rows =
            if let ids {
                try await database.query(
                    SelectAgentsAmong(tenantID: tenantID, request: request, ids: ids.sorted()),
                    in: tenantID
                )
            } else {
                try await database.query(SelectAgents(tenantID: tenantID, request: request), in: tenantID)
            }
        return Page(rows: rows, request: request, cursor: \.pageCursor)
    }

    /// - Throws: `agent_not_found`.
    public func agent(_ id: AgentID, in tenantID: TenantID) async throws -> Agent {
        guard let agent = try await database.queryFirst(SelectAgent(tenantID: tenantID, id: id), in: tenantID) else {
            throw Fault.agentNotFound
        }
        return agent
    }

    /// - Throws: `agent_not_found` unless all of them are there.
    public func requireAll(_ ids: Set<AgentID>, in transaction: TenantTransaction) async throws {
        guard !ids.isEmpty else { return }
        let count = try await transaction.queryFirst(CountAgents(tenantID: transaction.tenantID, ids: ids.sorted()))
        guard count == ids.count else { throw Fault.agentNotFound }
    }

    /// - Throws: `agent_not_found`, and what `create` throws.
    public func update(
        _ id: AgentID,
        _ changes: AgentChanges,
        in transaction: TenantTransaction
    ) async throws -> Agent {
        try await rewrite(id, in: transaction) { changes.applied(to: $0) }
    }

    /// - Throws: `agent_not_found`, and what `create` throws.
    public func replace(
        _ id: AgentID,
        _ definition: AgentDefinition,
        in transaction: TenantTransaction
    ) async throws -> Agent {
        try await rewrite(id, in: transaction) { _ in definition }
    }

    /// Its conversations stay; answers under way are finished.
    /// - Throws: `agent_not_found`.
    public func delete(_ id: AgentID, in transaction: TenantTransaction) async throws {
        let command = DeleteAgent(tenantID: transaction.tenantID, id: id, deletedAt: clock.now())
        guard try await transaction.execute(command) == 1 else { throw Fault.agentNotFound }
    }

    private func rewrite(
        _ id: AgentID,
        in transaction: TenantTransaction,
        _ change: (AgentDefinition) -> AgentDefinition
    ) async throws -> Agent {
        let tenantID = transaction.tenantID
        guard let old = try await transaction.queryFirst(LockAgent(tenantID: tenantID, id: id)) else {
            throw Fault.agentNotFound
        }
        let definition = change(old.definition)
        try await check(definition, against: old.definition, in: transaction)
        let agent = Agent(id: id, definition: definition, createdAt: old.createdAt, updatedAt: clock.now())
        try await transaction.execute(UpdateAgent(tenantID: tenantID, agent: agent))
        return agent
    }

    /// What the definition names must be there; what it named before may have gone meanwhile, and stays.
    ///
    /// One that was too large already may stay so, and grow no further.
    private func check(
        _ definition: AgentDefinition,
        against old: AgentDefinition?,
        in transaction: TenantTransaction
    ) async throws {
        guard definition.jsonSize <= max(AgentDefinition.maximumJSONSize, old?.jsonSize ?? 0) else {
            throw Fault.agentTooLarge
        }
        if definition.modelID != old?.modelID { try models.requireUsable(definition.modelID) }
        if let base = definition.knowledgeBaseID, base != old?.knowledgeBaseID {
            _ = try await KnowledgeBaseService().base(base, in: transaction)
        }
    }
}
