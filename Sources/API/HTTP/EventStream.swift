internal import AsyncAlgorithms
internal import HTTPTypes
internal import Hummingbird
internal import Logging
internal import NIOCore

extension Response {
    /// A `text/event-stream` that `body` writes; a client that goes away cancels it.
    ///
    /// Whatever `body` throws once the stream is open can only end it, and is logged: the client comes back by itself.
    static func eventStream(
        of request: Request,
        in context: some RequestContext,
        headers: HTTPFields = [:],
        _ body: @escaping @concurrent @Sendable (inout any ResponseBodyWriter) async throws -> Void
    ) -> Response {
        var fields = headers
        fields[.contentType] = "text/event-stream"
        fields[.cacheControl] = "no-cache, no-transform"
        fields[.accelBuffering] = "no"
        // Watching for the client's going away leaves the connection unreadable: a client that used it again would find
        // it closed in the middle of its request.
        fields[.connection] = "close"
        let stream = ResponseBody { writer in
            var open = writer
            try await request.body.consumeWithCancellationOnInboundClose { rest in
                // Nobody reads the rest of the body. Giving its iterator up ends it; otherwise NIO ends the process when a
                // client goes away ("Deinited NIOAsyncSequenceProducer.Source without calling source.finish()").
                _ = rest.makeAsyncIterator()
                do {
                    try await body(&open)
                } catch  where !Task.isCancelled && !(error is ChannelError) && !(error is IOError) {
                    let metadata: Logger.Metadata = ["route": "\(context.endpointPath ?? "none")"]
                    context.logger.error("stream failed", error: error, metadata: metadata)
                    throw error
                }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: fields, body: stream)
    }

    /// Tells an `EventSource` to come back later: any status but 200 would end it for ever.
    ///
    /// The delay is spread over `range`, so that all who were refused do not come back at once.
    static func retryLater(in range: ClosedRange<Int>) -> Response {
        var events = ServerSentEvents()
        events.retry(.milliseconds(Int.random(in: range)))
        return Response(
            status: .ok,
            headers: [.contentType: "text/event-stream", .cacheControl: "no-cache, no-transform"],
            body: ResponseBody(byteBuffer: events.buffer)
        )
    }
}

/// What comes of a sequence, or that an interval went by without anything of it.
enum Beat<Element: Sendable>: Sendable {
    case element(Element)
    case pause
    case end
}

/// The elements of `sequence` with a beat every `interval`, until the sequence ends.
func beats<Base: AsyncSequence & Sendable>(
    of sequence: Base,
    every interval: Duration
) -> some AsyncSequence<Beat<Base.Element>, any Error> & Sendable where Base.Element: Sendable {
    merge(
        chain(sequence.map { Beat.element($0) }, [Beat.end].async),
        AsyncTimerSequence(interval: interval, clock: .continuous).map { _ in Beat.pause }
    )
}
