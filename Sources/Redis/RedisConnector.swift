internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Opens connections as the configuration says.
struct RedisConnector: Sendable {
    let configuration: RedisConfiguration
    let eventLoop: any EventLoop
    private let tls: NIOSSLContext?

    init(_ configuration: RedisConfiguration, on eventLoop: any EventLoop) throws(RedisError) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        do {
            tls = try configuration.usesTLS ? NIOSSLContext(configuration: Self.tls(configuration)) : nil
        } catch {
            throw RedisError(.malformedCertificates, cause: error)
        }
    }

    private static func tls(_ configuration: RedisConfiguration) -> TLSConfiguration {
        var tls = TLSConfiguration.makeClientConfiguration()
        if let file = configuration.certificateAuthorityFile { tls.trustRoots = .file(file) }
        // A stalled server does not say goodbye.
        tls.shutdownTimeout = .milliseconds(200)
        return tls
    }

    /// A connection that has passed AUTH, SELECT and a PING, within the time-outs.
    func connect(delegate: any RedisConnectionDelegate) async throws(RedisError) -> RedisConnection {
        let handshake = try RedisHandshake(configuration, promise: eventLoop.makePromise())
        let timeout = TimeAmount(configuration.connectTimeout)
        do {
            let channel = try await ClientBootstrap(group: eventLoop)
                .connectTimeout(timeout)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.socketOption(.so_keepalive), value: 1)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let handlers = channel.pipeline.syncOperations
                        if let tls { try handlers.addHandler(tlsHandler(tls)) }
                        try handlers.addHandler(RedisReplyHandler(handshake: handshake, delegate: delegate))
                    }
                }
                .connect(host: configuration.host, port: configuration.port)
                .get()
            let deadline = eventLoop.scheduleTask(in: timeout) {
                handshake.promise.fail(RedisError(.timedOut))
                channel.close(promise: nil)
            }
            defer { deadline.cancel() }
            try await handshake.promise.futureResult.get()
            return RedisConnection(channel: channel)
        } catch {
            // Not every failure reaches the handler.
            handshake.promise.fail(error)
            throw error as? RedisError ?? RedisError(.unavailable, cause: error)
        }
    }

    /// A server that is named by its address shows a certificate for that address.
    private func tlsHandler(_ tls: NIOSSLContext) throws -> NIOSSLClientHandler {
        let isAddress = (try? SocketAddress(ipAddress: configuration.host, port: 0)) != nil
        return try NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : configuration.host)
    }
}
