internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore
internal import Primitives
internal import Tenancy

extension Response {
    /// A `text/event-stream` that `body` writes.
    ///
    /// Whatever `body` throws once the stream is open can only end it, and is logged: the client comes back by itself.
    ///
    /// - Parameters:
    ///   - beat: how often a comment is sent; nil where `body` sees to it that there is no silence.
    ///   - departed: called once the client goes away; ends what `body` waits for.
    static func eventStream(
        in context: TenantRequestContext,
        headers: HTTPFields = [:],
        beat: TimeAmount? = nil,
        departed: @escaping @Sendable () -> Void,
        _ body: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        var fields = headers
        fields.append(contentsOf: HTTPFields.eventStream)
        fields[.accelBuffering] = "no"
        let (channel, route) = (context.channel, context.endpointPath)
        let (requestID, tenantID) = (context.tenant.requestID, context.tenant.tenantID)
        // Without its own metadata, 0.7 KiB that would be kept for minutes.
        var logger = context.logger
        logger.handler.metadata = [:]
        let stream = ResponseBody { [logger] writer in
            var handlers: [any RemovableChannelHandler & Sendable] = [DepartureWatch(departed)]
            if let beat { handlers.append(Heartbeat(every: beat, on: channel.eventLoop)) }
            try await channel.pipeline.addHandlers(handlers).get()
            do {
                try await body(&writer)
            } catch  where channel.isActive && !Task.isCancelled {
                let metadata: Logger.Metadata = [
                    "request_id": "\(requestID)", "tenant_id": "\(tenantID)", "route": "\(route ?? "none")",
                ]
                logger.error("stream failed", error: error, metadata: metadata)
                throw error
            }
            // Before the stream ends: nothing of theirs may come after that.
            for handler in handlers { channel.pipeline.removeHandler(handler, promise: nil) }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: fields, body: stream)
    }

    /// Tells an `EventSource` why it is refused, and to come back later: any status but 200 would end it for ever.
    static func retryLater(because fault: Fault, in language: Language, at time: Timestamp) -> Response {
        var events = ServerSentEvents()
        events.refusal(fault, in: language, at: time)
        return Response(status: .ok, headers: .eventStream, body: ResponseBody(byteBuffer: events.buffer))
    }
}

extension HTTPFields {
    /// With which every `text/event-stream` begins.
    fileprivate static let eventStream: HTTPFields = [
        .contentType: ServerSentEvents.contentType, .cacheControl: "no-cache, no-transform",
    ]
}
