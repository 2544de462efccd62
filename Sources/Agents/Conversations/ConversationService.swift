internal import Analytics
internal import Events
internal import Postgres
public import Primitives
public import Tenancy

/// A tenant's conversations, as they are read and kept; what is said in them is `ChatService`'s.
public struct ConversationService: Sendable {
    private let database: TenantDatabase
    private let clock: WallClock

    public init(database: TenantDatabase, clock: WallClock = .system) {
        self.database = database
        self.clock = clock
    }

    /// Newest first.
    public func conversations(
        _ filter: ConversationFilter,
        _ request: PageRequest,
        in tenantID: TenantID
    ) async throws -> Page<Conversation> {
        // A statement for each way to filter, each with its index: a plan made for all of them would serve none.
        let rows =
            switch (filter.agentID, filter.status) {
            case (nil, _) where filter.agentIDs != nil:
                try await database.query(
                    SelectConversationsOfAgents(
                        tenantID: tenantID,
                        request: request,
                        agentIDs: filter.agentIDs?.sorted() ?? [],
                        status: filter.status
                    ),
                    in: tenantID
                )
            case (nil, nil):
                try await database.query(SelectConversations(tenantID: tenantID, request: request), in: tenantID)
            case (let agentID?, nil):
                try await database.query(
                    SelectConversationsOfAgent(tenantID: tenantID, request: request, agentID: agentID),
                    in: tenantID
                )
            case (nil, let status?):
                try await database.query(
                    SelectConversationsInStatus(tenantID: tenantID, request: request, status: status),
                    in: tenantID
                )
            case (let agentID?, let status?):
                try await database.query(
                    SelectConversationsOfAgentInStatus(
                        tenantID: tenantID,
                        request: request,
                        agentID: agentID,
                        status: status
                    ),
                    in: tenantID
                )
            }
        return Page(rows: rows, request: request, cursor: \.pageCursor)
    }

    /// - Throws: `conversation_not_found`.
    public func conversation(_ id: ConversationID, in tenantID: TenantID) async throws -> Conversation {
        let selection = SelectConversation(tenantID: tenantID, id: id)
        guard let conversation = try await database.queryFirst(selection, in: tenantID) else {
            throw Fault.conversationNotFound
        }
        return conversation
    }

    /// Newest first, in the order of the conversation.
    /// - Throws: `conversation_not_found`.
    public func messages(
        of id: ConversationID,
        _ request: PageRequest,
        in tenantID: TenantID
    ) async throws -> Page<Message> {
        let (conversations, rows) = try await database.batch(
            SelectConversation(tenantID: tenantID, id: id),
            SelectMessages(tenantID: tenantID, conversationID: id, request: request),
            in: tenantID
        )
        guard !conversations.isEmpty else { throw Fault.conversationNotFound }
        return Page(rows: rows, request: request, cursor: \.pageCursor)
    }

    /// A conversation whose visitor asks for a person is told to the dashboard, and observed in the ledger.
    /// - Throws: `conversation_not_found`.
    public func update(
        _ id: ConversationID,
        _ changes: ConversationChanges,
        in transaction: TenantTransaction
    ) async throws -> Conversation {
        let tenantID = transaction.tenantID
        guard let old = try await transaction.queryFirst(LockConversation(tenantID: tenantID, id: id)) else {
            throw Fault.conversationNotFound
        }
        let conversation = old.applying(changes, at: clock.now())
        try await transaction.execute(UpdateConversation(tenantID: tenantID, conversation: conversation))
        if conversation.status == .humanRequested, old.status != .humanRequested {
            try await transaction.append(.humanRequested(conversation))
            try await transaction.record([.humanRequested(conversation)], clock: clock)
        }
        return conversation
    }

    /// Blanks what was said and who said it, and keeps the shell that was counted.
    /// - Returns: what it was.
    /// - Throws: `conversation_not_found`; `conversation_busy` while an answer is being made.
    @discardableResult
    public func delete(_ id: ConversationID, in transaction: TenantTransaction) async throws -> Conversation {
        let tenantID = transaction.tenantID
        guard let conversation = try await transaction.queryFirst(LockConversation(tenantID: tenantID, id: id)) else {
            throw Fault.conversationNotFound
        }
        // A start takes the same lock first, so no answer begins after this look.
        let running = SelectRunningRun(tenantID: tenantID, conversationID: id)
        guard try await transaction.queryFirst(running) == nil else { throw Fault.conversationBusy }
        _ = try await transaction.batch(
            BlankConversation(tenantID: tenantID, id: id, deletedAt: clock.now()),
            BlankMessages(tenantID: tenantID, conversationID: id),
            BlankRuns(tenantID: tenantID, conversationID: id)
        )
        return conversation
    }
}

extension Conversation {
    fileprivate func applying(_ changes: ConversationChanges, at now: Timestamp) -> Conversation {
        Conversation(
            id: id,
            agentID: agentID,
            channel: channel,
            title: changes.title ?? title,
            status: changes.status ?? status,
            metadata: changes.metadata ?? metadata,
            endUser: endUser,
            attribution: attribution,
            messageCount: messageCount,
            createdAt: createdAt,
            updatedAt: now
        )
    }
}

extension Event {
    fileprivate static func humanRequested(_ conversation: Conversation) -> Event {
        Event(
            .humanRequested,
            data: [
                "conversation_id": .string(conversation.id.description),
                "agent_id": .string(conversation.agentID.description),
            ],
            agentID: conversation.agentID,
            subjectID: SubjectID(conversation.id),
            occurredAt: conversation.updatedAt
        )
    }
}

extension LedgerEntry {
    fileprivate static func humanRequested(_ conversation: Conversation) -> LedgerEntry {
        LedgerEntry(
            .humanRequested,
            key: LedgerKey(.conversation, conversation.id),
            at: conversation.updatedAt,
            of: LedgerSubject(
                agentID: conversation.agentID,
                conversationID: conversation.id,
                channel: conversation.channel.rawValue
            )
        )
    }
}
