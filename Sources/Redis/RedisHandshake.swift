internal import NIOCore
internal import Primitives

/// What is said first on a connection, in one write, and what must be answered to it.
struct RedisHandshake: Sendable {
    /// The commands, and whether one's error answer ends the connection.
    private let commands: [(bytes: [UInt8], isRequired: Bool)]
    let promise: EventLoopPromise<Void>

    init(_ configuration: RedisConfiguration, promise: EventLoopPromise<Void>) throws(RedisError) {
        var commands: [(RedisCommand, isRequired: Bool)] = []
        if let password = configuration.password {
            let user = configuration.user.map { [RedisArgument($0)] } ?? []
            commands.append((RedisCommand("AUTH", user + [RedisArgument(password.exposed)]), true))
        }
        if configuration.database != 0 {
            commands.append((RedisCommand("SELECT", [RedisArgument(configuration.database)]), true))
        }
        // A name is a courtesy to whoever reads CLIENT LIST; some hosted servers refuse it.
        commands.append((RedisCommand("CLIENT", ["SETNAME", RedisArgument(configuration.clientName)]), false))
        // Answered with an error if a password was due.
        commands.append((RedisCommand("PING"), true))
        do {
            self.commands = try commands.map { (try $0.encoded(), $1) }
        } catch {
            promise.fail(error)
            throw error as? RedisError ?? RedisError(.commandTooLarge)
        }
        self.promise = promise
    }

    var bytes: [UInt8] { commands.flatMap(\.bytes) }
    var replyCount: Int { commands.count }

    /// Checks the reply to the command at that place.
    func check(_ reply: RedisValue, at index: Int) throws(RedisError) {
        if case .error(let text) = reply, commands[index].isRequired { throw RedisError(reply: text) }
    }
}

/// Turns a connection's bytes into replies: the first are the handshake's, the others the delegate's.
final class RedisReplyHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let reader = ReplyReader()
    private let handshake: RedisHandshake
    private let delegate: any RedisConnectionDelegate
    private var handshakeReplyCount = 0

    init(handshake: RedisHandshake, delegate: any RedisConnectionDelegate) {
        self.handshake = handshake
        self.delegate = delegate
    }

    func channelActive(context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: handshake.bytes)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        do {
            var replies = try unwrapInboundIn(data).withUnsafeReadableBytes { try reader.read($0) }[...]
            while handshakeReplyCount < handshake.replyCount, let reply = replies.popFirst() {
                try handshake.check(reply, at: handshakeReplyCount)
                handshakeReplyCount += 1
                if handshakeReplyCount == handshake.replyCount { handshake.promise.succeed() }
            }
            if !replies.isEmpty { delegate.received(Array(replies)) }
        } catch {
            errorCaught(context: context, error: error)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { delegate.becameWritable() }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        handshake.promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        // Only heard if the handshake is not over.
        handshake.promise.fail(RedisError(.connectionLost))
        context.fireChannelInactive()
    }
}
