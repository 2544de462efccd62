internal import NIOCore

/// What happens on a connection; called on its event loop.
protocol RedisConnectionDelegate: Sendable {
    func received(_ replies: [RedisValue])
    /// The socket takes bytes again.
    func becameWritable()
}

/// One socket on which Redis has let us in.
struct RedisConnection: Sendable {
    let channel: any Channel

    /// On the event loop.
    var isWritable: Bool { channel.isWritable }

    /// Writes commands together.
    func write(_ commands: [[UInt8]]) {
        guard !commands.isEmpty else { return }
        var buffer = channel.allocator.buffer(capacity: commands.reduce(0) { $0 + $1.count })
        for command in commands { buffer.writeBytes(command) }
        channel.writeAndFlush(buffer, promise: nil)
    }

    func close() {
        channel.close(promise: nil)
    }

    func waitUntilClosed() async {
        // The future of a closed channel has no failure.
        try? await channel.closeFuture.get()
    }
}
