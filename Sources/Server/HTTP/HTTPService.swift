internal import API
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import Primitives
internal import ServiceLifecycle

/// The HTTP server that has `edge` answer.
/// - Parameter connections: at most so many at a time.
func httpService(
    _ edge: Edge<RouterResponder<EdgeContext>>,
    host: String,
    port: Int,
    connections: Int,
    clock: WallClock = .system,
    logger: Logger
) -> any Service {
    Application(
        responder: edge,
        server: .http1OnEventLoops(
            HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionGuard(clock: clock)],
                httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 16 << 10)
            ),
            edge,
            logger: logger
        ),
        configuration: ApplicationConfiguration(
            address: .hostname(host, port: port),
            backlog: 4096,
            availableConnectionsDelegate: MaximumAvailableConnections(connections)
        ),
        onServerRunning: { channel in
            logger.notice("listening", metadata: ["port": "\(channel.localAddress?.port ?? 0)"])
        },
        logger: logger
    )
}
