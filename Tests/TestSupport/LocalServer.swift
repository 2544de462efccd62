internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// A server on an address of loopback that answers each connection, byte for byte, as its script says, and knows of each
/// connection that was ever opened to it.
package final class LocalServer: Sendable {
    package typealias Script = @Sendable (inout Connection) async throws -> Void

    package let address: String
    package let port: Int
    private let record: Record

    /// Connections that were accepted, whether or not a request came.
    package var accepted: Int { record.accepted.withLock { $0 } }
    /// The heads of the requests that came.
    package var requests: [String] { record.requests.withLock { $0 } }
    /// The names that clients asked a certificate for (SNI).
    package var names: [String?] { record.names.withLock { $0 } }

    private init(address: String, port: Int, record: Record) {
        self.address = address
        self.port = port
        self.record = record
    }

    /// Serves until `body` returns; a connection is closed when its script ends.
    package static func run<Result>(
        at address: String = "127.0.0.1",
        port: Int = 0,
        certificate: TestCertificate? = nil,
        _ script: @escaping Script = { try await $0.answer() },
        while body: (LocalServer) async throws -> Result
    ) async throws -> Result {
        let record = Record()
        let tls = try certificate.map { try context($0, record) }
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                let number = record.accepted.withLock { count in
                    count += 1
                    return count
                }
                let (pieces, received) = AsyncStream.makeStream(of: ByteBuffer.self)
                Task {
                    var connection = Connection(
                        number: number,
                        inbound: pieces.makeAsyncIterator(),
                        channel: channel,
                        record: record
                    )
                    // A client that goes away in the middle is what some scripts are about.
                    try? await script(&connection)
                    try? await channel.close()
                }
                return channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.addHandler(Receiver(received: received))
                }
            }
            .bind(host: address, port: port)
            .get()
        do {
            let port = channel.localAddress?.port ?? 0
            let result = try await body(LocalServer(address: address, port: port, record: record))
            try await channel.close()
            return result
        } catch {
            try await channel.close()
            throw error
        }
    }

    private static func context(_ certificate: TestCertificate, _ record: Record) throws -> NIOSSLContext {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(certificate.certificateFile).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: certificate.keyFile, format: .pem))
        )
        configuration.sslContextCallback = { hello, decision in
            record.names.withLock { $0.append(hello.serverHostname) }
            decision.succeed(.noChanges)
        }
        return try NIOSSLContext(configuration: configuration)
    }

    fileprivate final class Record: Sendable {
        let accepted = Mutex(0)
        let requests = Mutex<[String]>([])
        let names = Mutex<[String?]>([])
    }

    /// One connection, seen from the server.
    package struct Connection {
        /// Which of the server's connections it is, from 1.
        package let number: Int
        fileprivate var inbound: AsyncStream<ByteBuffer>.AsyncIterator
        fileprivate let channel: any Channel
        fileprivate let record: Record

        package struct Closed: Error {}

        /// Reads one request, and gives its body.
        @discardableResult
        package mutating func request() async throws -> [UInt8] { try await message().body }

        /// Reads one request: its head without the empty line, and its body.
        package mutating func message() async throws -> (head: String, body: [UInt8]) {
            var bytes: [UInt8] = []
            while let piece = await inbound.next() {
                bytes += piece.readableBytesView
                let text = String(decoding: bytes, as: UTF8.self)
                guard let end = text.firstRange(of: "\r\n\r\n") else { continue }
                let head = String(text[..<end.lowerBound])
                let length = head.lowercased().firstMatch(of: /content-length: (\d+)/).flatMap { Int($0.1) } ?? 0
                let body = bytes.dropFirst(head.utf8.count + 4)
                guard body.count >= length else { continue }
                record.requests.withLock { $0.append(head) }
                return (head, Array(body))
            }
            throw Closed()
        }

        package func send(_ text: String) async throws {
            try await send(text.utf8)
        }

        package func send(_ bytes: some Sequence<UInt8>) async throws {
            try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
        }

        /// Takes a request and answers it.
        package mutating func answer(_ status: String = "200 OK", headers: [String] = [], body: String = "")
            async throws
        {
            try await request()
            let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
            try await send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        }

        /// Sends the same again and again, until the client has closed the connection.
        package func sendForever(_ text: String) async throws {
            while true { try await send(text) }
        }

        /// Sends the same again and again, 5 ms after the last.
        package func drip(_ text: String) async throws {
            let drip = channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: .milliseconds(5)) {
                [channel] _ in
                channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
            }
            defer { drip.cancel() }
            try await channel.closeFuture.get()
        }

        /// Returns when the client closed the connection.
        package mutating func waitForClose() async {
            while await inbound.next() != nil {}
        }
    }
}

private final class Receiver: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    let received: AsyncStream<ByteBuffer>.Continuation

    init(received: AsyncStream<ByteBuffer>.Continuation) {
        self.received = received
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.yield(unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
        received.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
