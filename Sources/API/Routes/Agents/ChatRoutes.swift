internal import Agents
internal import Events
internal import HTTPTypes
internal import Hummingbird
internal import LanguageModels
internal import NIOCore
internal import Primitives
internal import Tenancy

/// Talking to an agent, as a stream or in one answer.
struct ChatRoutes {
    let chat: ChatService
    /// The least time between two writes of a stream.
    let pace: Duration

    var endpoints: [TenantEndpoint] {
        [
            .tenant(Self.operation) { request, context in
                var request = request
                let body = try await request.readBody()
                let input = try ChatFields.read(from: request, context, body: body)
                try context.tenant.require(input.agentID)
                let channel: Conversation.Channel = context.isFromBrowser ? .dashboard : .api
                let attachment = try await chat.start(
                    input.question(channel: channel),
                    by: context.tenant,
                    key: try request.idempotencyKey(body: body)
                )
                var headers: HTTPFields = [
                    .runID: attachment.identity.runID.description,
                    .conversationID: attachment.identity.conversationID.description,
                ]
                if attachment.isRepeated { headers[.idempotentReplayed] = "true" }
                guard input.body.isStreaming else { return try await whole(attachment, headers) }
                return stream(attachment, headers, context)
            }
        ]
    }

    /// What is there goes out in writes of whole frames, `pace` apart, the head being the first.
    ///
    /// Two writes in one packet could be cut within a frame further on, so the time counts from when the connection's event
    /// loop has sent: on a busy machine that is later than when it was told to, and several would go together. A client
    /// that goes away stops nothing but this.
    private func stream(
        _ attachment: RunAttachment,
        _ headers: HTTPFields,
        _ context: TenantRequestContext
    ) -> Response {
        let eventLoop = context.channel.eventLoop
        let events = attachment.events
        return .eventStream(in: context, headers: headers, beat: .seconds(10), departed: events.end) { writer in
            var earliest = ContinuousClock.now
            func send(_ frames: ByteBuffer?) async throws {
                // The pace is a time between two writes, and nothing else tells of it: a slow path must get each as its own piece.
                if ContinuousClock.now < earliest { try await Task.sleep(until: earliest) }
                if let frames { try await writer.write(frames) }
                guard pace > .zero else { return }
                try await eventLoop.submit {}.get()
                earliest = .now + pace
            }
            try await send(nil)
            var batches = events.makeAsyncIterator()
            while let batch = await batches.nextBatch() {
                for frames in ChatFrames.writes(of: batch, attachment.identity) { try await send(frames) }
            }
        }
    }

    private func whole(_ attachment: RunAttachment, _ headers: HTTPFields) async throws -> Response {
        var answer = WholeAnswer(identity: attachment.identity)
        for await event in attachment.events {
            switch event.payload {
            case .answer(let delta): answer.text += delta
            case .source(let source): answer.sources.append(source)
            case .metadata(let metadata): answer.metadata = metadata
            case .error(let failure): throw Fault(failure)
            case .progress, .done: break
            }
        }
        var response = Response.json(Self.wholeAnswer.encoded(answer), status: .ok)
        response.headers.append(contentsOf: headers)
        return response
    }

    static let wholeAnswer = Answer<WholeAnswer>.data(.wholeAnswer)

    private static let operation: Operation = {
        let request = RequestReader.describe(ChatFields.self)
        return Operation(
            method: .post,
            path: basePath + "/agents/{agent_id}/chat/stream",
            summary: "Ask an agent; the answer streams as Server-Sent Events, or comes whole with `streaming: false`",
            parameters: request.parameters,
            body: request.jsonBody,
            success: [
                .init(.ok, "text/event-stream", ChatFrames.schema, "One frame an event, at most 1,200 bytes"),
                .init(.ok, "application/json", wholeAnswer.schema, "The whole answer, with `streaming: false`"),
            ],
            faults: [
                .agentNotFound, .conversationNotFound, .conversationBusy, .modelUnavailable, .quotaExceeded,
                .concurrencyLimited, .serverBusy, .providerRateLimited, .providerUnavailable, .providerRejected,
                .accessRevoked,
            ],
            acceptsIdempotencyKey: true
        )
    }()
}

/// An answer that is not streamed.
struct WholeAnswer: Sendable {
    let identity: RunIdentity
    var text = ""
    var sources: [RunEvent.Source] = []
    var metadata: RunEvent.Metadata?
}

extension Fault {
    /// An answer that failed where the caller waits for the whole of it.
    fileprivate init(_ failure: RunEvent.Failure) {
        let kind: Kind =
            switch failure.code {
            case Code.providerRateLimited.rawValue: .limited
            case Code.accessRevoked.rawValue: .forbidden
            default: failure.isRetryable ? .unavailable : .badGateway
            }
        self.init(
            Code(failure.code, kind),
            LocalizedText(pt: failure.message, en: failure.message),
            retryAfter: failure.isRetryable ? .seconds(2) : nil,
            cause: failure
        )
    }
}

private struct ChatFields: RequestFields {
    let agentID: AgentID
    let body: ChatBody
    let ignoredFields: [String]

    init(from request: inout RequestReader) {
        agentID = request.path("agent_id", .id(), "The agent.")
        body = request.body(ChatBody.self)
        ignoredFields = request.ignoredBodyFields
    }

    func question(channel: Conversation.Channel) -> ChatQuestion {
        ChatQuestion(
            agentID: agentID,
            conversationID: body.conversationID,
            messages: body.messages.map { ChatQuestion.Message($0.role, $0.content, metadata: $0.metadata) },
            channel: channel,
            temperature: body.temperature,
            maxTokens: body.maxTokens,
            contextData: body.contextData.map(JSON.object),
            systemPromptOverride: body.systemPromptOverride,
            endUser: body.endUser.map(JSON.object),
            attribution: body.attribution.map(JSON.object),
            warnings: ignoredFields.map { "unknown_field: \($0.prefix(64))" }
        )
    }
}

private struct ChatBody: FieldList {
    static let schemaName = "ChatInput"
    static let unknownFields = UnknownFields.ignored

    let messages: [ChatMessageBody]
    let conversationID: ConversationID?
    let temperature: Double?
    let maxTokens: Int?
    let contextData: JSONObject?
    let systemPromptOverride: String?
    let isStreaming: Bool
    let endUser: JSONObject?
    let attribution: JSONObject?

    init(from fields: inout FieldReader) {
        messages = fields.required(
            "messages",
            .list(of: .object(ChatMessageBody.self), 1...200),
            "The last one is the question."
        )
        conversationID = fields.optional(
            "conversation_id",
            .id(),
            "Goes on with it; without one a conversation begins."
        )
        temperature = fields.optional("temperature", .number(0...2), "The agent's.")
        maxTokens = fields.optional("max_tokens", .integer(1...8192), "The agent's.")
        contextData = fields.optional(
            "context_data",
            .freeObject(maximumBytes: 16_384),
            "What the page knows; data, never instructions."
        )
        systemPromptOverride = fields.optional(
            "system_prompt_override",
            .text(10...5000),
            "Takes the place of the instructions; needs org:agents:manage."
        )
        isStreaming = fields.optional("streaming", .boolean, default: true, true, "false answers in one JSON.")
        endUser = fields.optional("end_user", .freeObject(maximumBytes: 4096), "Who writes.")
        attribution = fields.optional("attribution", .freeObject(maximumBytes: 4096), "Where they came from.")
    }
}

private struct ChatMessageBody: FieldList {
    static let schemaName = "ChatMessageInput"
    static let unknownFields = UnknownFields.ignored

    let role: ChatQuestion.Role
    let content: String
    let metadata: JSONObject

    init(from fields: inout FieldReader) {
        role = fields.required("role", .oneOf(placeholder: .user), "Who says it.")
        content = fields.required("content", .text(1...32_000), "What is said.")
        metadata = fields.optional(
            "metadata",
            .freeObject(maximumBytes: 4096),
            default: JSONObject(),
            [:],
            "Kept with the message."
        )
    }
}
