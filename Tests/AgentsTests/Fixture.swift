internal import Analytics
internal import FoundationEssentials
internal import Knowledge
internal import LanguageModels
internal import Postgres
internal import Primitives
internal import ServiceLifecycle
internal import Tenancy
internal import TestSupport

@testable internal import Agents

/// The services of this module over a test's database, with one tenant's admin to use them.
struct Fixture: Sendable {
    let database: TenantDatabase
    let directory: OrganizationDirectory
    let models: AvailableModels
    let supervisor: RunSupervisor
    let agents: AgentService
    let conversations: ConversationService
    let chat: ChatService
    let runs: RunService
    let reaper: RunReaper
    let conversions: ConversionService
    let context: TenantContext

    var tenantID: TenantID { context.tenantID }

    /// - Parameter steps: what the provider `scripted` answers.
    init(
        _ steps: [ScriptedProvider.Step] = [],
        configuration: RunConfiguration = RunConfiguration(),
        organization: String = "org_agents",
        pool: PostgresPool? = nil
    ) async throws {
        try await self.init(
            ScriptedProvider(steps),
            configuration: configuration,
            organization: organization,
            pool: pool
        )
    }

    init(
        _ provider: ScriptedProvider,
        configuration: RunConfiguration = RunConfiguration(),
        organization: String = "org_agents",
        pool: PostgresPool? = nil
    ) async throws {
        let test = try TestDatabase.current
        try await PartitionKeeper(pool: test.worker, logger: TestDatabase.logger).ensurePartitions()
        try await test.administrator.unsafeScript(
            """
            INSERT INTO models.model VALUES
                ('scripted', 'scripted', 'Scripted', 10000, 1000, true, false, false, NULL, '2026-01-01Z', NULL)
            ON CONFLICT DO NOTHING
            """
        )
        database = TenantDatabase(pool: pool ?? test.app)
        directory = OrganizationDirectory(database: database)
        models = AvailableModels(
            try await ModelCatalogue.load(from: database),
            providers: [LocalProvider(pace: .zero), provider]
        )
        var configuration = configuration
        // Tests renew leases themselves: a renewal between two of their steps would undo the first.
        configuration.leaseRenewalInterval = .seconds(3600)
        supervisor = RunSupervisor(
            database: database,
            worker: test.worker,
            search: KnowledgeSearch(database: database),
            configuration: configuration,
            logger: TestDatabase.logger
        )
        agents = AgentService(database: database, models: models)
        conversations = ConversationService(database: database)
        chat = ChatService(database: database, directory: directory, models: models, supervisor: supervisor)
        runs = RunService(database: database, supervisor: supervisor)
        reaper = RunReaper(database: database, worker: test.worker, logger: TestDatabase.logger)
        conversions = ConversionService(database: database)
        context = try await Self.context(organization, role: .admin, database)
    }

    static func context(_ clerkID: String, role: Role, _ database: TenantDatabase) async throws -> TenantContext {
        let person = Principal.Person(userID: "user_\(role.rawValue)", sessionID: nil, role: role, permissions: [])
        let claim = OrganizationClaim(clerkID: clerkID, slug: nil, person: person)
        let organization = try await OrganizationDirectory(database: database).organization(for: claim)
        return TenantContext(
            organization: organization,
            principal: .person(person),
            language: .portuguese,
            requestID: .next()
        )
    }

    /// Runs `body` while the supervisor makes answers; ends it as a process that is killed would.
    func running<T: Sendable>(_ body: @escaping @Sendable (Fixture) async throws -> T) async throws -> T {
        let supervising = Task { try await supervisor.run() }
        let result: Result<T, any Error>
        do {
            result = .success(try await body(self))
        } catch {
            result = .failure(error)
        }
        supervising.cancel()
        try await supervising.value
        return try result.get()
    }

    func write<T: Sendable>(_ body: @Sendable (TenantTransaction) async throws -> T) async throws -> T {
        try await database.transaction(in: tenantID, body)
    }

    func makeAgent(
        model: String = "scripted",
        knowledgeBaseID: KnowledgeBaseID? = nil
    ) async throws -> Agent {
        let definition = AgentDefinition(
            name: "Vendas",
            description: "Atende visitantes",
            systemPrompt: "Você vende planos de internet.",
            modelID: model,
            knowledgeBaseID: knowledgeBaseID
        )
        return try await write { try await agents.create(definition, in: $0) }
    }

    func ask(
        _ agent: Agent,
        _ text: String = "Qual é o preço?",
        in conversationID: ConversationID? = nil,
        key: IdempotencyKey? = nil
    ) async throws -> RunAttachment {
        let question = ChatQuestion(
            agentID: agent.id,
            conversationID: conversationID,
            messages: [.init(.user, text)],
            channel: .dashboard
        )
        return try await chat.start(question, by: context, key: key)
    }
}

extension RunAttachment {
    func all() async -> [RunEvent] {
        var all: [RunEvent] = []
        for await event in events { all.append(event) }
        return all
    }
}

extension [RunEvent] {
    var answer: String {
        map { if case .answer(let text) = $0.payload { text } else { "" } }.joined()
    }

    var failure: RunEvent.Failure? {
        if case .error(let failure)? = last?.payload { failure } else { nil }
    }

    var done: RunEvent.Done? {
        if case .done(let done)? = last?.payload { done } else { nil }
    }

    var metadata: RunEvent.Metadata? {
        lazy.compactMap { if case .metadata(let metadata) = $0.payload { metadata } else { nil } }.first
    }

    var sources: [RunEvent.Source] {
        compactMap { if case .source(let source) = $0.payload { source } else { nil } }
    }

    var statuses: [RunEvent.Progress.Status] {
        compactMap { if case .progress(let progress) = $0.payload { progress.status } else { nil } }
    }

    var terminalCount: Int { count { $0.payload.isTerminal } }
}

/// The code of the fault that `body` throws.
func code(of body: () async throws -> some Any) async -> Fault.Code? {
    do {
        _ = try await body()
        return nil
    } catch {
        return (error as? Fault)?.code
    }
}
