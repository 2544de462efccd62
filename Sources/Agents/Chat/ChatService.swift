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
                return RunAttachment(identity: identity, events: events, isRepeated: false)
            case .repeated(let runID):
                supervisor.abandon(identity)
                return try await runs.attach(
                    runID,
                    in: context.tenantID,
                    context.language,
                    context.requestID,
                    isRepeated: true
                )
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
        try await database.transaction(in: opening.identity.tenantID) { transaction in
            guard let key else { return .new(try await begin(opening, in: transaction)) }
            var order: RunOrder?
            let (answer, _) = try await transaction.once(key) {
                order = try await begin(opening, in: transaction)
                return StoredAnswer(status: 200, body: Array(opening.identity.runID.description.utf8))
            }
            if let order { return .new(order) }
            return .repeated(RunID(String(decoding: answer.body, as: UTF8.self)) ?? .none)
        }
    }

    func begin(_ opening: ChatOpening, in transaction: TenantTransaction) async throws -> RunOrder {
        let place =
            if opening.question.conversationID == nil {
                try await newPlace(opening, in: transaction)
            } else {
                try await nextPlace(opening, in: transaction)
            }
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

    /// Begins a conversation.
    private func newPlace(_ opening: ChatOpening, in transaction: TenantTransaction) async throws -> ChatPlace {
        let tenantID = transaction.tenantID
        let (_, agents) = try await transaction.batch(
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
        guard let agent = agents.first else { throw Fault.agentNotFound }
        let history = opening.imported.reversed().lazy.map {
            (role: $0.role == .user ? Message.Role.user : .assistant, content: $0.content)
        }
        return ChatPlace(
            agent: agent.definition,
            channel: opening.question.channel,
            firstSequence: 1,
            history: ChatHistory.recent(history)
        )
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
            agent: agent.definition,
            channel: place.channel,
            firstSequence: place.sequence,
            history: ChatHistory.recent(history)
        )
    }
}
