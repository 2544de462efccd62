internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// Stands between a connection and its HTTP: sees whom it reached, when the request leaves, and how much comes back.
///
/// Who is reached is settled before: `dnsOverride` gives the client a checked address as text, which it dials without a
/// look-up. That it is so is asserted here, on the connected socket, by AsyncHTTPClient's hook that runs before a connection
/// gets its request: with another peer no byte of the request leaves. (After a TLS handshake, though: with a peer that could
/// not show the name's certificate it does not come that far.)
final class ConnectionWatch: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    /// The connected socket's other end is not the checked address.
    struct WrongPeer: Error {}

    /// The certificate is not the name's.
    struct WrongCertificate: Error {}

    /// The response is longer than the cap.
    struct CapReached: Error {}

    private let progress: CallProgress
    /// Bytes of the response that may still come; 1xx responses and framing count, TLS does not.
    private var allowance: Int
    private var isCut = false

    private init(byteCap: Int, progress: CallProgress) {
        allowance = byteCap
        self.progress = progress
    }

    /// Called on the connection's event loop, when it and its TLS stand.
    ///
    /// - Parameter name: which the peer's certificate must have, where TLS is spoken to a name.
    static func install(
        on channel: any Channel,
        expecting address: IPAddress,
        certifiedFor name: String?,
        byteCap: Int,
        progress: CallProgress
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            do {
                guard let peer = channel.remoteAddress?.ipAddress, IPAddress(peer) == address else { throw WrongPeer() }
                if let name, try pipeline.nioSSL_peerCertificate()?.isFor(name) != true { throw WrongCertificate() }
            } catch {
                // Not at once: the client hears of the failure first, and then expects no more of this connection.
                channel.eventLoop.execute { channel.close(promise: nil) }
                throw error
            }
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
            let watch = ConnectionWatch(byteCap: byteCap, progress: progress)
            try pipeline.addHandler(watch, position: .before(decoder))
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if progress.phase < .sending { progress.enter(.sending) }
        context.write(data, promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isCut else { return }
        var bytes = unwrapInboundIn(data)
        if bytes.readableBytes > allowance {
            isCut = true
            bytes = bytes.readSlice(length: allowance) ?? ByteBuffer()
        }
        allowance -= bytes.readableBytes
        context.fireChannelRead(wrapInboundOut(bytes))
    }

    /// The client hands the body's pieces on when a read is complete; only then may it learn of the cap, which makes it
    /// forget the others and close the connection.
    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        if isCut { context.fireErrorCaught(CapReached()) }
    }
}
