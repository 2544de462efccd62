internal import Analytics
internal import Events
internal import LanguageModels
public import Primitives
public import Tenancy

/// Takes questions to agents, and has them answered.
public struct ChatService: Sendable {
    private let database: TenantDatabase
    private let directory: OrganizationDirectory
    private let models: AvailableModels
    private let supervisor: RunSupervisor
    private let runs: RunService
    private let concurrentAnswers: Int
    private let clock: WallClock
    private let knownAgents = KnownAgents(capacity: 1024)

    /// - Parameter concurrentAnswers: of a tenant at once, in all processes, where its plan does not say.
    public init(
        database: TenantDatabase,
        directory: OrganizationDirectory,
        models: AvailableModels,
        supervisor: RunSupervisor,
        concurrentAnswers: Int = 128,
        clock: WallClock = .system
    ) {
        self.database = database
        self.directory = directory
        self.models = models
        self.supervisor = supervisor
        self.concurrentAnswers = concurrentAnswers
        runs = RunService(database: database, supervisor: supervisor, clock: clock)
        self.clock = clock
    }

    /// Stores the question and begins its answer.
    ///
    /// Everything that can fail early fails here. A client that goes away in between leaves no question without its
    /// answer: what was begun is done.
    ///
    /// Guarantee: the question, what it counts for and the run are committed together, or none of them is; with a key
    /// that was used before, nothing is, and the attachment is to the first one's run.
    /// - Throws: `agent_not_found`, `conversation_not_found`, `conversation_busy`, `model_unavailable`,
    ///   `permission_denied`, `validation_error`, `quota_exceeded`, `concurrency_limited`, `server_busy`, `draining`,
    ///   `idempotency_key_reused`, and what `OrganizationDirectory` refuses with.
    public func start(
        _ question: ChatQuestion,
        by context: TenantContext,
        key: IdempotencyKey? = nil
    ) async throws -> RunAttachment {
        if question.instructions != nil { try context.require(.manageAgents) }
        let opening = try ChatOpening(question, context: context, clock: clock)
        let identity = opening.identity
        let journal = try supervisor.reserve(identity, for: context.principal)
        do {
            try await directory.confirm(context)
            let beginning = try await Task.immediate {
                let beginning = try await begin(opening, key)
                if case .new(let order) = beginning { supervisor.launch(order, journal) }
                return beginning
            }.value
            switch beginning {
            case .new:
                let events = RunEvents(source: journal, sequence: 0)
                return RunAttachment(identity: identity, events: events)
            case .repeated(let runID):
                supervisor.abandon(identity)
                var attachment = try await runs.attach(
                    runID,
                    in: context.tenantID,
                    language: context.language,
                    requestID: context.requestID
                )
                attachment.isRepeated = true
                return attachment
            }
        } catch {
            supervisor.abandon(identity)
            throw error
        }
    }

    private enum Beginning: Sendable {
        case new(RunOrder)
        case repeated(RunID)
    }

    private func begin(_ opening: ChatOpening, _ key: IdempotencyKey?) async throws -> Beginning {
        do {
            return try await attempt(opening, key, with: knownAgents.agent(opening.agentKey))
        } catch is AgentHasChanged {
            return try await attempt(opening, key, with: nil)
        }
    }

    private func attempt(
        _ opening: ChatOpening,
        _ key: IdempotencyKey?,
        with agent: AnsweringAgent?
    ) async throws -> Beginning {
        try await database.transaction(in: opening.identity.tenantID) { transaction in
            guard let key else { return .new(try await begin(opening, with: agent, in: transaction)) }
            var order: RunOrder?
            let (answer, _) = try await transaction.once(key) {
                order = try await begin(opening, with: agent, in: transaction)
                return StoredAnswer(status: 200, body: Array(opening.identity.runID.description.utf8))
            }
            if let order { return .new(order) }
            return .repeated(RunID(String(decoding: answer.body, as: UTF8.self)) ?? .none)
        }
    }

    /// - Parameter agent: as it was, if that is known.
    /// - Throws: `AgentHasChanged` where it is no longer so.
    func begin(
        _ opening: ChatOpening,
        with agent: AnsweringAgent?,
        in transaction: TenantTransaction
    ) async throws -> RunOrder {
        guard opening.question.conversationID == nil else {
            return try await store(opening, at: nextPlace(opening, in: transaction), in: transaction)
        }
        guard let agent else {
            let agent = try await beginConversation(opening, in: transaction)
            return try await store(opening, at: opening.firstPlace(agent), in: transaction)
        }
        // The question follows before it is known how the agent is. Begun immediately, for the conversation must reach the
        // connection before its messages; awaited whatever comes of them, and its error is the one that counts, being the
        // first.
        let current = Task.immediate { try await beginConversation(opening, in: transaction) }
        let order: Result<RunOrder, any Error>
        do {
            order = .success(try await store(opening, at: opening.firstPlace(agent), in: transaction))
        } catch {
            order = .failure(error)
        }
        guard try await current.value == agent else { throw AgentHasChanged() }
        return try order.get()
    }

    /// What was stored is of an agent as it no longer is.
    private struct AgentHasChanged: Error {}

    private func store(
        _ opening: ChatOpening,
        at place: ChatPlace,
        in transaction: TenantTransaction
    ) async throws -> RunOrder {
        let (model, provider) = try models.answering(place.agent.modelID)
        var order = opening.order(place, model: model, provider: provider, claim: supervisor.claim)
        order.passages = supervisor.lookUp(order)
        let recording = try RecordEntries(
            tenantID: transaction.tenantID,
            entries: opening.ledgerEntries(of: order),
            clock: clock
        )
        // The run comes late: from there to the commit, answers of the tenant begin one after the other.
        let (counted, _, _, begun, use, running) = try await transaction.batch(
            recording,
            InsertMessages(
                tenantID: transaction.tenantID,
                conversationID: opening.identity.conversationID,
                messages: opening.messages(at: place),
                createdAt: opening.now
            ),
            transaction.appending(opening.events(of: order)),
            InsertRun(order: order, userMessageID: opening.userMessageID),
            SelectQuotaUse(tenantID: transaction.tenantID, at: opening.now),
            CountRunningRuns(tenantID: transaction.tenantID)
        )
        try await transaction.settle(recording, counted)
        guard !begun.isEmpty else { throw Fault.conversationBusy }
        try use.first?.require(.messages, .tokens, within: opening.limits, at: opening.now)
        guard running.allSatisfy({ $0 <= opening.limits.concurrentAnswers ?? concurrentAnswers }) else {
            throw Fault.concurrencyLimited
        }
        return order
    }

    /// - Returns: how its agent is.
    private func beginConversation(
        _ opening: ChatOpening,
        in transaction: TenantTransaction
    ) async throws -> AnsweringAgent {
        let tenantID = transaction.tenantID
        let (_, found) = try await transaction.batch(
            InsertConversation(
                tenantID: tenantID,
                id: opening.identity.conversationID,
                agentID: opening.question.agentID,
                channel: opening.question.channel,
                endUser: opening.question.endUser,
                attribution: opening.question.attribution,
                nextSequence: opening.imported.count + 2,
                createdAt: opening.now
            ),
            SelectAgent(tenantID: tenantID, id: opening.question.agentID)
        )
        let agent = found.first.map { AnsweringAgent($0.definition) }
        knownAgents.note(agent, for: opening.agentKey)
        guard let agent else { throw Fault.agentNotFound }
        return agent
    }

    /// Goes on with a conversation, which is locked until the transaction ends: of two questions at once the second waits
    /// here, and then finds the first one's run.
    private func nextPlace(_ opening: ChatOpening, in transaction: TenantTransaction) async throws -> ChatPlace {
        let tenantID = transaction.tenantID
        let (agents, places, history) = try await transaction.batch(
            SelectAgent(tenantID: tenantID, id: opening.question.agentID),
            TakePlace(
                tenantID: tenantID,
                id: opening.identity.conversationID,
                agentID: opening.question.agentID,
                now: opening.now
            ),
            SelectHistory(
                tenantID: tenantID,
                conversationID: opening.identity.conversationID,
                limit: ChatHistory.maximumMessages
            )
        )
        guard let agent = agents.first else { throw Fault.agentNotFound }
        guard let place = places.first else { throw Fault.conversationNotFound }
        return ChatPlace(
            agent: AnsweringAgent(agent.definition),
            channel: place.channel,
            firstSequence: place.sequence,
            history: ChatHistory.recent(history)
        )
    }
}
