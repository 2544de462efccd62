internal import FoundationEssentials
internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// A TCP connection to a server, for what an HTTP client would not send, or not like this.
struct RawConnection: Sendable {
    private let channel: any Channel
    private let inbox: Inbox
    /// Our port, by which the kernel's tables tell this connection from others.
    let port: Int

    /// - Parameters:
    ///   - receiveBuffer: bytes that the kernel takes for us, at least 2,304 on Linux.
    ///   - reads: false takes nothing out of that buffer.
    static func open(
        to server: RunningServer,
        receiveBuffer: Int? = nil,
        reads: Bool = true
    ) async throws -> RawConnection {
        let inbox = Inbox()
        var bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(.autoRead, value: reads)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(inbox) }
            }
        if let receiveBuffer {
            bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: numericCast(receiveBuffer))
        }
        let channel = try await bootstrap.connect(host: "127.0.0.1", port: server.port).get()
        return RawConnection(channel: channel, inbox: inbox, port: channel.localAddress?.port ?? 0)
    }

    func send(_ text: String) async throws {
        try await send(Array(text.utf8))
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    }

    var isOpen: Bool { channel.isActive }

    /// What came so far.
    var text: String { String(decoding: inbox.bytes, as: UTF8.self) }

    /// Everything that comes until the server closes the connection.
    func bytesUntilClosed() async -> [UInt8] {
        try? await channel.closeFuture.get()
        return inbox.bytes
    }

    func textUntilClosed() async -> String {
        String(decoding: await bytesUntilClosed(), as: UTF8.self)
    }

    func close() async {
        try? await channel.close()
    }

    /// Says that nothing more will be sent, and goes on listening.
    func closeOwnSide() async throws {
        try await channel.close(mode: .output)
    }

    /// Ends it with a reset, as a client that dies does.
    func reset() async {
        let linger = linger(l_onoff: 1, l_linger: 0)
        try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger).get()
        await close()
    }

    private final class Inbox: ChannelInboundHandler, Sendable {
        typealias InboundIn = ByteBuffer

        private let buffer = Mutex(ByteBuffer())

        var bytes: [UInt8] { buffer.withLock { Array($0.readableBytesView) } }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var more = unwrapInboundIn(data)
            buffer.withLock { _ = $0.writeBuffer(&more) }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            // Reset by the server: what it said before counts.
            context.close(promise: nil)
        }
    }
}

extension RunningServer {
    var port: Int { address.split(separator: ":").last.flatMap { Int($0) } ?? 0 }

    /// What the server says to these bytes until it closes the connection.
    func bytes(of request: String) async throws -> [UInt8] {
        let connection = try await RawConnection.open(to: self)
        try await connection.send(request)
        return await connection.bytesUntilClosed()
    }

    func answer(to request: String) async throws -> String {
        String(decoding: try await bytes(of: request), as: UTF8.self)
    }

    /// Whether the kernel still has this connection on the server's side, waiting data included.
    func holds(_ connection: RawConnection) throws -> Bool {
        let table = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
        let (own, other) = (":" + String(port, radix: 16, uppercase: true), ":" + hexadecimal(connection.port))
        return table.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[1].hasSuffix(own) && fields[2].hasSuffix(other)
                && ["01", "04", "05", "08", "0B"].contains(fields[3])
        }
    }

    private func hexadecimal(_ port: Int) -> String {
        let digits = String(port, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}

/// Answers as they came, one after the other on one connection.
struct RawAnswers {
    let all: [(status: Int, headers: [String: String], body: [UInt8])]

    /// - Throws: where the bytes are no HTTP/1.1 answers with a length.
    init(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        var all: [(status: Int, headers: [String: String], body: [UInt8])] = []
        while !rest.isEmpty {
            guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else { throw Self.failure(rest) }
            let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n" as Character)
            guard let line = lines.first?.firstMatch(of: #/^HTTP/1\.1 ([0-9]{3}) /#), let status = Int(line.1) else {
                throw Self.failure(rest)
            }
            var headers: [String: String] = [:]
            for field in lines.dropFirst() {
                let parts = field.split(separator: ":", maxSplits: 1)
                headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
            }
            let length = headers["content-length"].flatMap { Int($0) } ?? 0
            all.append((status, headers, Array(rest[end.upperBound...].prefix(length))))
            rest = rest[end.upperBound...].dropFirst(length)
        }
        self.all = all
    }

    private static func failure(_ bytes: ArraySlice<UInt8>) -> ProgramFailure {
        ProgramFailure("no HTTP: \(String(decoding: bytes.prefix(300), as: UTF8.self))")
    }
}
