internal import Agents
internal import Analytics
internal import LanguageModels
internal import NIOCore
internal import Primitives

/// The frames of the chat stream: `id: <run_id>-<seq>`, one `data:` line, a blank line.
enum ChatFrames {
    /// No frame and no write is longer: the client published with this API cuts network chunks, not frames.
    static let maximumWrite = 1200

    /// The frames of events, as many to a write as fit whole.
    static func writes(of events: ArraySlice<RunEvent>, _ identity: RunIdentity) -> [ByteBuffer] {
        var writes: [ByteBuffer] = []
        for event in events {
            var frame = frame(event, identity)
            if let last = writes.last, last.readableBytes + frame.readableBytes <= maximumWrite {
                writes[writes.count - 1].writeBuffer(&frame)
            } else {
                writes.append(frame)
            }
        }
        return writes
    }

    private static func frame(_ event: RunEvent, _ identity: RunIdentity) -> ByteBuffer {
        var writer = JSONWriter()
        writer.object { writer in
            writer.member("event", event.payload.name)
            writer.member("data") { event.payload.writeData(identity, &$0) }
            writer.member("conversation_id", identity.conversationID.description)
            writer.member("message_id", identity.messageID.description)
            writer.member("timestamp", event.timestamp.description)
        }
        var frames = ServerSentEvents()
        frames.event(id: "\(identity.runID)-\(event.sequence)", data: writer.bytes)
        return frames.buffer
    }

    /// Of a frame's `data:` line.
    static let schema: Schema = {
        let payloads: [(String, Schema)] = [
            ("progress", Output<RunEvent.Progress>.progress.schema),
            ("source", Output<RunEvent.Source>.source.schema),
            ("answer", Output<String>.text.schema),
            ("metadata", Output<RunEvent.Metadata>.metadata.schema),
            ("done", Output<(RunIdentity, RunEvent.Done)>.done.schema),
            ("error", Output<RunEvent.Failure>.failure.schema),
        ]
        return Schema.anyOf(
            payloads.map { name, data in
                Schema.object([
                    SchemaProperty(name: "event", schema: Schema([("const", .string(name))]), isRequired: true),
                    SchemaProperty(name: "data", schema: data, isRequired: true),
                    SchemaProperty(
                        name: "conversation_id",
                        schema: Output<ConversationID>.id().schema,
                        isRequired: true
                    ),
                    SchemaProperty(name: "message_id", schema: Output<MessageID>.id().schema, isRequired: true),
                    SchemaProperty(name: "timestamp", schema: Output<Timestamp>.timestamp.schema, isRequired: true),
                ])
            }
        ).named("ChatFrame")
    }()
}

extension RunEvent.Payload {
    fileprivate var name: String {
        switch self {
        case .progress: "progress"
        case .source: "source"
        case .answer: "answer"
        case .metadata: "metadata"
        case .done: "done"
        case .error: "error"
        }
    }

    fileprivate func writeData(_ identity: RunIdentity, _ writer: inout JSONWriter) {
        switch self {
        case .progress(let progress): Output.progress.write(progress, &writer)
        case .source(let source): Output.source.write(source, &writer)
        case .answer(let delta): writer.value(delta)
        case .metadata(let metadata): Output.metadata.write(metadata, &writer)
        case .done(let done): Output.done.write((identity, done), &writer)
        case .error(let failure): Output.failure.write(failure, &writer)
        }
    }
}

extension Output where Value == RunEvent.Progress {
    fileprivate static let progress = Output.object(
        "ChatProgress",
        [
            Member("status", .name(), \.status), Member("progress", .integer, \.percent),
            Member("tool", Output<String>.text.nullable, \.tool),
        ]
    )
}

extension Output where Value == RunEvent.Source {
    static let source = Output.object(
        "ChatSource",
        [
            Member("score", .number, \.score), Member("source", .text, \.name),
            Member("document_id", .id(), \.documentID), Member("datasource_id", .id(), \.knowledgeBaseID),
            Member("content_excerpt", .text, \.excerpt),
        ]
    )
}

extension Output where Value == RunEvent.Metadata {
    static let metadata = Output.object(
        "ChatMetadata",
        [
            Member("model", .text, \.model),
            Member("provider", .text, \.provider.rawValue),
            Member("temperature", .number, \.temperature),
            Member("tokens_used", Output<Int>.integer.nullable) { $0.usage?.total },
            Member("usage", Output<TokenUsage>.usage.nullable, \.usage),
            Member("cost", Output<Money>.money.nullable, \.cost),
            Member("sources_count", .integer, \.sourcesCount),
            Member("tools", Output<String>.text.list) { _ in [] },
            Member("processing_time", .integer, \.processingMilliseconds),
            Member("ttft_ms", Output<Int>.integer.nullable, \.ttftMilliseconds),
            Member("finish_reason", .name(), \.finishReason),
            Member("warnings", Output<String>.text.list, \.warnings),
        ]
    )
}

extension Output where Value == (RunIdentity, RunEvent.Done) {
    fileprivate static let done = Output.object(
        "ChatDone",
        [
            Member("conversation_id", .id()) { $0.0.conversationID },
            Member("message_id", .id()) { $0.0.messageID },
            Member("run_id", .id()) { $0.0.runID },
            Member("complete", .boolean) { _ in true },
            Member("finish_reason", .name()) { $0.1.finishReason },
            Member("replayed", .boolean) { $0.1.isReplayed },
        ]
    )
}

extension Output where Value == RunEvent.Failure {
    fileprivate static let failure = Output.object(
        "ChatError",
        [
            Member("code", .text, \.code), Member("message", .text, \.message),
            Member("retryable", .boolean, \.isRetryable), Member("request_id", .id(), \.requestID),
        ]
    )
}

extension Output where Value == WholeAnswer {
    static let wholeAnswer = Output.object(
        "ChatAnswer",
        [
            Member("answer", .text, \.text),
            Member("conversation_id", .id(), \.identity.conversationID),
            Member("message_id", .id(), \.identity.messageID),
            Member("sources", Output<RunEvent.Source>.source.list, \.sources),
            Member("metadata", Output<RunEvent.Metadata>.metadata.nullable, \.metadata),
        ]
    )
}
