internal import NIOCore
internal import NIOHTTPTypes

/// Breaks the silence of an event stream: a comment every `interval`, between two writes of whole frames.
final class Heartbeat: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Any
    typealias OutboundOut = HTTPResponsePart

    private let interval: TimeAmount
    private let timer: NIOLoopBoundBox<Scheduled<Void>?>

    init(every interval: TimeAmount, on eventLoop: any EventLoop) {
        self.interval = interval
        timer = .makeEmptyBox(eventLoop: eventLoop)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        schedule(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer.value?.cancel()
    }

    private func schedule(_ context: ChannelHandlerContext) {
        timer.value = context.eventLoop.assumeIsolated().scheduleTask(in: interval) {
            // What a client does not take need not grow.
            if context.channel.isWritable {
                var ping = ServerSentEvents()
                ping.comment("ping")
                context.writeAndFlush(self.wrapOutboundOut(.body(ping.buffer)), promise: nil)
            }
            self.schedule(context)
        }
    }
}
