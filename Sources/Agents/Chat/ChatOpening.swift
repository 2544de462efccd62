internal import Analytics
internal import Events
internal import FoundationEssentials
internal import LanguageModels
internal import Primitives
internal import Tenancy

/// What a question becomes: its ids and moment, and all that is stored and counted of it.
struct ChatOpening: Sendable {
    let question: ChatQuestion
    let identity: RunIdentity
    let userMessageID = MessageID.next()
    /// History that comes along, oldest first; none where the conversation has its own.
    let imported: ArraySlice<ChatQuestion.Message>
    let now: Timestamp
    let limits: PlanLimits
    private let said: ChatQuestion.Message
    private let start = ContinuousClock.now
    private let language: Language
    private let requestID: RequestID

    /// - Throws: `validation_error`.
    init(_ question: ChatQuestion, context: TenantContext, clock: WallClock) throws(Fault) {
        let (history, said) = try question.split()
        self.question = question
        self.said = said
        imported = question.conversationID == nil ? history : []
        identity = RunIdentity(
            tenantID: context.tenantID,
            runID: .next(),
            conversationID: question.conversationID ?? .next(),
            messageID: .next()
        )
        now = clock.now()
        limits = context.organization.limits
        language = context.language
        requestID = context.requestID
    }

    var agentKey: KnownAgents.Key {
        KnownAgents.Key(tenantID: identity.tenantID, agentID: question.agentID)
    }

    /// Where the question comes in the conversation that it begins.
    func firstPlace(_ agent: AnsweringAgent) -> ChatPlace {
        let history = imported.reversed().lazy.map {
            (role: $0.role == .user ? Message.Role.user : .assistant, content: $0.content)
        }
        return ChatPlace(
            agent: agent,
            channel: question.channel,
            firstSequence: 1,
            history: ChatHistory.recent(history)
        )
    }

    func messages(at place: ChatPlace) -> [NewMessage] {
        let history = imported.enumerated().map { index, message in
            var metadata = message.metadata
            metadata["imported"] = true
            return NewMessage(
                id: .next(),
                sequence: place.firstSequence + index,
                role: message.role == .user ? .user : .assistant,
                content: message.content,
                isImported: true,
                metadata: metadata
            )
        }
        let question = NewMessage(
            id: userMessageID,
            sequence: place.firstSequence + imported.count,
            role: .user,
            content: said.content,
            isImported: false,
            metadata: said.metadata
        )
        return history + [question]
    }

    func order(_ place: ChatPlace, model: LanguageModel, provider: any ChatProvider, claim: UUID) -> RunOrder {
        let temperature = question.temperature ?? place.agent.temperature
        let request = ChatRequest(
            model: model,
            system: question.instructions ?? place.agent.systemPrompt,
            context: question.contextData,
            messages: place.history + [ChatMessage(.user, said.content)],
            temperature: temperature,
            maximumOutputTokens: question.maxTokens ?? place.agent.maxTokens,
            language: language,
            cacheKey: question.agentID.description,
            safetyIdentifier: identity.conversationID.description
        )
        let passages = place.agent.knowledgeBaseID == nil ? 0 : AnswerTurn.maximumPassages
        return RunOrder(
            identity: identity,
            agentID: question.agentID,
            channel: place.channel,
            knowledgeBaseID: place.agent.knowledgeBaseID,
            provider: provider,
            request: request,
            reservedTokens: TokenUsage.bound(for: request, passages: passages),
            temperature: temperature,
            warnings: question.warnings,
            language: language,
            requestID: requestID,
            claim: claim,
            startedAt: now,
            start: start
        )
    }

    func events(of order: RunOrder) -> [Event] {
        let conversation: [(String, JSON)] = [
            ("conversation_id", .string(identity.conversationID.description)),
            ("agent_id", .string(order.agentID.description)),
            ("channel", .string(order.channel.rawValue)),
        ]
        let received = Event(
            .messageReceived,
            data: .object(JSONObject(conversation + [("message_id", .string(userMessageID.description))])),
            agentID: order.agentID,
            subjectID: SubjectID(identity.conversationID),
            occurredAt: now
        )
        guard question.conversationID == nil else { return [received] }
        let started = Event(
            .conversationStarted,
            data: .object(JSONObject(conversation)),
            agentID: order.agentID,
            subjectID: SubjectID(identity.conversationID),
            occurredAt: now
        )
        return [started, received]
    }

    func ledgerEntries(of order: RunOrder) -> [LedgerEntry] {
        let subject = order.ledgerSubject
        let received = LedgerEntry(.messageIn, key: LedgerKey(.message, userMessageID), at: now, of: subject)
        guard question.conversationID == nil else { return [received] }
        let key = LedgerKey(.conversation, identity.conversationID)
        return [LedgerEntry(.conversationStarted, key: key, at: now, of: subject), received]
    }
}
