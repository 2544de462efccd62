internal import API
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore

extension HTTPServerBuilder {
    /// HTTP/1.1 whose connections are served on their own event loops.
    ///
    /// On Swift's pool of threads each request would change threads several times: from its event loop to the pool, to the
    /// loop for each write, and back from each wait. Here it stays where its socket is; on two cores that is a third of
    /// the processor time of a short request. A handler must not block, as on Swift's pool it must not.
    ///
    /// - Parameter edge: what answers; event streams not by way of Hummingbird, which keeps what made an answer until it
    ///   is sent.
    static func http1OnEventLoops(
        _ configuration: HTTP1Channel.Configuration,
        _ edge: Edge<some HTTPResponder<EdgeContext>>,
        logger: Logger
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            let base = HTTP1Channel(
                responder: { request, writer, channel in
                    if edge.isEventStream(request) {
                        try await edge.stream(request, to: writer, over: channel, logger: logger)
                    } else {
                        try await responder(request, writer, channel)
                    }
                },
                configuration: configuration
            )
            return EventLoopHTTPChannel(base: base)
        }
    }
}

extension Edge {
    /// Answers where the answer goes on for minutes, for thousands at once: beside what sends it, nothing of it is kept.
    fileprivate func stream(
        _ request: Request,
        to writer: consuming ResponseWriter,
        over channel: any Channel,
        logger: Logger
    ) async throws {
        let (body, open) = try await begin(request, to: writer, over: channel, logger: logger)
        try await body.write(open)
    }

    private func begin(
        _ request: Request,
        to writer: consuming ResponseWriter,
        over channel: any Channel,
        logger: Logger
    ) async throws -> (ResponseBody, any ResponseBodyWriter) {
        let response = try await answer(to: request, over: channel, logger: logger)
        return (response.body, try await writer.writeHead(response.head))
    }
}

private struct EventLoopHTTPChannel: ServerChildChannel {
    let base: HTTP1Channel

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger)
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await withTaskExecutorPreference(EventLoopTaskExecutor(value.channel.eventLoop)) {
            await base.handle(value: value, logger: logger)
        }
    }
}

/// Runs tasks on an event loop.
private final class EventLoopTaskExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        eventLoop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
