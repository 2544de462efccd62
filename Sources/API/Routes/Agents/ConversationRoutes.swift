internal import Agents
internal import Analytics
internal import HTTPTypes
internal import LanguageModels
internal import Primitives
internal import Tenancy

/// Conversations, their messages, and the runs that answer them.
struct ConversationRoutes {
    let conversations: ConversationService
    let runs: RunService

    var endpoints: [TenantEndpoint] {
        [
            .read("/conversations", "List conversations, newest first", .page(of: .conversation)) {
                (input: ConversationsFields, context) in
                var filter = input.filter
                if let agentID = filter.agentID { try context.tenant.require(agentID) }
                filter.agentIDs = context.tenant.principal.agentIDs
                return try await conversations.conversations(filter, input.page, in: context.tenant.tenantID)
            },
            .read(
                "/conversations/{conversation_id}",
                "Read a conversation",
                .data(.conversation),
                faults: [.conversationNotFound]
            ) { (input: ConversationPath, context) in
                let conversation = try await conversations.conversation(input.id, in: context.tenant.tenantID)
                try context.tenant.require(conversation.agentID)
                return conversation
            },
            .write(
                .patch,
                "/conversations/{conversation_id}",
                "Change title, status or metadata",
                .data(.conversation),
                audit: .of(.conversationUpdated, \.id),
                faults: [.conversationNotFound]
            ) { (input: ConversationChange, transaction, context) in
                let conversation = try await conversations.update(input.id, input.body.changes, in: transaction)
                // Takes the change back where the caller may not make it.
                try context.tenant.require(conversation.agentID)
                return conversation
            },
            .write(
                .delete,
                "/conversations/{conversation_id}",
                "Delete a conversation and what was said",
                .deleted,
                audit: .named(.conversationDeleted, \.id),
                faults: [.conversationNotFound, .conversationBusy]
            ) { (input: ConversationPath, transaction, context) in
                let conversation = try await conversations.delete(input.id, in: transaction)
                try context.tenant.require(conversation.agentID)
            },
            .read(
                "/conversations/{conversation_id}/messages",
                "List a conversation's messages, newest first",
                .page(of: .message),
                faults: [.conversationNotFound]
            ) { (input: MessagesFields, context) in
                // A conversation never changes its agent; it is asked for where the caller does not reach every one.
                if context.tenant.principal.agentIDs != nil {
                    let conversation = try await conversations.conversation(input.id, in: context.tenant.tenantID)
                    try context.tenant.require(conversation.agentID)
                }
                return try await conversations.messages(of: input.id, input.page, in: context.tenant.tenantID)
            },
            .read("/runs/{run_id}", "How an answer stands", .data(.run), faults: [.runNotFound]) {
                (input: RunPath, context) in
                let run = try await runs.run(input.id, in: context.tenant.tenantID)
                try context.tenant.require(run.agentID)
                return run
            },
        ]
    }
}

private struct ConversationsFields: RequestFields {
    let page: PageRequest
    let filter: ConversationFilter

    init(from request: inout RequestReader) {
        page = request.page()
        filter = ConversationFilter(
            agentID: request.query("agent_id", .id(), "Only this agent's."),
            status: request.query("status", .oneOf(placeholder: .active), "Only those in this state.")
        )
    }
}

private struct ConversationPath: RequestFields {
    let id: ConversationID

    init(from request: inout RequestReader) {
        id = request.path("conversation_id", .id(), "The conversation.")
    }
}

private struct MessagesFields: RequestFields {
    let id: ConversationID
    let page: PageRequest

    init(from request: inout RequestReader) {
        id = request.path("conversation_id", .id(), "The conversation.")
        page = request.page()
    }
}

private struct RunPath: RequestFields {
    let id: RunID

    init(from request: inout RequestReader) {
        id = request.path("run_id", .id(), "The run, as `X-Run-Id` named it.")
    }
}

private struct ConversationChange: RequestFields {
    let id: ConversationID
    let body: ConversationChangesBody

    init(from request: inout RequestReader) {
        id = request.path("conversation_id", .id(), "The conversation.")
        body = request.body(ConversationChangesBody.self)
    }
}

private struct ConversationChangesBody: FieldList {
    static let schemaName = "ConversationChanges"
    static let unknownFields = UnknownFields.refused(
        exceptReadOnly: [
            "id", "agent_id", "channel", "message_count", "end_user", "attribution", "created_at", "updated_at",
        ]
    )

    let changes: ConversationChanges

    init(from fields: inout FieldReader) {
        changes = ConversationChanges(
            title: fields.nullableChange("title", .name(1...200), "null removes it."),
            status: fields.change("status", .oneOf(placeholder: .active), "How it stands."),
            metadata: fields.change("metadata", .freeObject(maximumBytes: 16_384), "Yours, kept as it is.")
        )
    }
}

extension Output where Value == Conversation {
    fileprivate static let conversation = Output.object(
        "Conversation",
        [
            Member("id", .id(), \.id),
            Member("agent_id", .id(), \.agentID),
            Member("channel", .text, \.channel.rawValue),
            Member("title", Output<String>.text.nullable, \.title),
            Member("status", .name(), \.status),
            Member("metadata", .anyObject, \.metadata),
            Member("end_user", Output<JSON>.anything.nullable, \.endUser),
            Member("attribution", Output<JSON>.anything.nullable, \.attribution),
            Member("message_count", .integer, \.messageCount),
            Member("created_at", .timestamp, \.createdAt),
            Member("updated_at", .timestamp, \.updatedAt),
        ]
    )
}

extension Output where Value == Message {
    fileprivate static let message = Output.object(
        "Message",
        [
            Member("id", .id(), \.id),
            Member("conversation_id", .id(), \.conversationID),
            Member("seq", .integer, \.sequence),
            Member("role", .name(), \.role),
            Member("content", .text, \.content),
            Member("imported", .boolean, \.isImported),
            Member("run_id", Output<RunID>.id().nullable, \.runID),
            Member("sources", Output<JSON>.anything.list, \.sources),
            Member("metadata", .anyObject, \.metadata),
            Member("created_at", .timestamp, \.createdAt),
        ]
    )
}

extension Output where Value == Run {
    fileprivate static let run = Output.object(
        "Run",
        [
            Member("id", .id(), \.id),
            Member("state", .name(), \.state),
            Member("agent_id", .id(), \.agentID),
            Member("conversation_id", .id(), \.conversationID),
            Member("message_id", .id(), \.answerMessageID),
            Member("model", .text, \.modelID),
            Member("provider", .text, \.provider.rawValue),
            Member("temperature", .number, \.temperature),
            Member("answer", Output<String>.text.nullable, \.answer),
            Member("usage", Output<TokenUsage>.usage.nullable, \.usage),
            Member("cost", Output<Money>.money.nullable, \.cost),
            Member("finish_reason", Output<Run.FinishReason>.name().nullable, \.finishReason),
            Member("error_code", Output<String>.text.nullable, \.errorCode),
            Member("ttft_ms", Output<Int>.integer.nullable, \.ttftMilliseconds),
            Member("processing_time", Output<Int>.integer.nullable, \.totalMilliseconds),
            Member("started_at", .timestamp, \.startedAt),
            Member("finished_at", Output<Timestamp>.timestamp.nullable, \.finishedAt),
        ]
    )
}
