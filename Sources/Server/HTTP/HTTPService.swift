internal import API
internal import Hummingbird
internal import HummingbirdCore
internal import Jobs
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

/// The first to hear that the process ends: from then on new requests are refused, and no jobs are claimed.
///
/// Answers and jobs so have their time to finish at once, and not one after the other.
struct DrainService: Service {
    let drain: DrainSwitch
    let jobs: JobWorker?

    func run() async throws {
        try? await gracefulShutdown()
        drain.begin()
        jobs?.drain()
    }
}
