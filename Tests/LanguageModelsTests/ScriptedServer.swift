internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A server on loopback that answers each connection, byte for byte, as its script says.
struct ScriptedServer: Sendable {
    /// One connection, seen from the server.
    struct Connection {
        /// Which of the server's connections it is, from 1.
        let number: Int
        fileprivate var inbound: AsyncStream<ByteBuffer>.AsyncIterator
        fileprivate let channel: any Channel

        struct Request: Sendable {
            let head: String
            let body: [UInt8]
        }

        /// Reads one request whose body has a length.
        mutating func request() async throws -> Request {
            var bytes: [UInt8] = []
            while let piece = await inbound.next() {
                bytes += piece.readableBytesView
                let text = String(decoding: bytes, as: UTF8.self)
                guard let end = text.firstRange(of: "\r\n\r\n") else { continue }
                let head = String(text[..<end.lowerBound])
                let length = head.lowercased().firstMatch(of: /content-length: (\d+)/).flatMap { Int($0.1) } ?? 0
                let body = bytes.dropFirst(head.utf8.count + 4)
                if body.count >= length { return Request(head: head, body: Array(body)) }
            }
            throw ConnectionClosed()
        }

        func send(_ bytes: some Sequence<UInt8>) async throws {
            try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
        }

        /// Begins an event stream whose body has no length: it ends with the last chunk.
        func sendStreamHead() async throws {
            try await send(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n".utf8
            )
        }

        func sendChunk(_ bytes: some Collection<UInt8>) async throws {
            try await send("\(String(bytes.count, radix: 16))\r\n".utf8 + Array(bytes) + "\r\n".utf8)
        }

        func sendLastChunk() async throws {
            try await send("0\r\n\r\n".utf8)
        }

        func respond(_ status: String, headers: String..., body: String = "") async throws {
            let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)", "Connection: close"] + headers
            try await send("\(lines.joined(separator: "\r\n"))\r\n\r\n\(body)".utf8)
        }

        /// Returns when the client closed the connection.
        mutating func waitForClose() async {
            while await inbound.next() != nil {}
        }
    }

    struct ConnectionClosed: Error {}

    typealias Script = @Sendable (inout Connection) async throws -> Void

    /// Serves until `body` returns; a connection is closed when its script ends.
    static func serve<Result>(
        _ script: @escaping Script,
        while body: (_ baseURL: String, _ connections: @escaping @Sendable () -> Int) async throws -> Result
    ) async throws -> Result {
        let count = Accepted()
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                let (pieces, received) = AsyncStream.makeStream(of: ByteBuffer.self)
                let number = count.next()
                Task {
                    var connection = Connection(number: number, inbound: pieces.makeAsyncIterator(), channel: channel)
                    // A client that goes away in the middle is what some scripts are about.
                    try? await script(&connection)
                    try? await channel.close()
                }
                return channel.pipeline.addHandler(Receiver(received: received))
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
        do {
            let port = server.localAddress?.port ?? 0
            let result = try await body("http://127.0.0.1:\(port)/v1") { count.value }
            try await server.close()
            return result
        } catch {
            try await server.close()
            throw error
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

private final class Accepted: Sendable {
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
