internal import NIOCore

/// Tells once a connection's client goes away: it closes the connection, or its own side of it.
final class DepartureWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
    typealias InboundIn = Any

    private let departed: @Sendable () -> Void

    init(_ departed: @escaping @Sendable () -> Void) {
        self.departed = departed
    }

    func channelInactive(context: ChannelHandlerContext) {
        departed()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { departed() }
        context.fireUserInboundEventTriggered(event)
    }
}
