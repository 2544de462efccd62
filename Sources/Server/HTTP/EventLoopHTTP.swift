internal import HummingbirdCore
internal import Logging
internal import NIOCore

extension HTTPServerBuilder {
    /// HTTP/1.1 whose connections are served on their own event loops.
    ///
    /// On Swift's pool of threads each request would change threads several times: from its event loop to the pool, to the
    /// loop for each write, and back from each wait. Here it stays where its socket is; on two cores that is a third of
    /// the processor time of a short request. A handler must not block, as on Swift's pool it must not.
    static func http1OnEventLoops(_ configuration: HTTP1Channel.Configuration) -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            EventLoopHTTPChannel(base: HTTP1Channel(responder: responder, configuration: configuration))
        }
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
