internal import Primitives
internal import ServiceLifecycle

/// How long to wait before each attempt: 50 ms doubling to 2 s, shortened at random by up to half so that the processes
/// of a fleet do not come back at the same moment.
struct RedisBackoff {
    private var attempt = 0

    mutating func next() -> Duration {
        let longest = min(Duration.milliseconds(50) * (1 << min(attempt, 6)), .seconds(2))
        attempt += 1
        return longest * Double.random(in: 0.5...1)
    }
}

/// Hears of a connection's beginning and end.
protocol RedisConnectionOwner: RedisConnectionDelegate {
    /// Before any of the connection's replies.
    func connected(_ connection: RedisConnection)
    /// The connection is gone, or an attempt failed.
    func disconnected(_ error: RedisError)
}

extension RedisConnector {
    /// Connects, and connects again whenever the connection is gone, until the task is cancelled or shutting down.
    func keepConnected(_ owner: any RedisConnectionOwner) async {
        // Not `cancelWhenGracefulShutdown` around a sleep: clients stopped trying in it, on a starved machine. Read, not
        // proven: in swift-service-lifecycle 2.13 the cancellation of its waiter can come before the waiter waits.
        let rest = WakeUp()
        await withGracefulShutdownHandler {
            await keepConnected(owner, rest)
        } onGracefulShutdown: {
            rest.poke()
        }
    }

    private func keepConnected(_ owner: any RedisConnectionOwner, _ rest: WakeUp) async {
        var backoff = RedisBackoff()
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                let connection = try await connect(delegate: owner)
                let start = ContinuousClock.now
                await withTaskCancellationHandler {
                    owner.connected(connection)
                    await connection.waitUntilClosed()
                } onCancel: {
                    connection.close()
                }
                owner.disconnected(RedisError(.connectionLost))
                // One that lets us in and closes at once (too many clients) is as good as down.
                if start.duration(to: .now) > .seconds(1) { backoff = RedisBackoff() }
            } catch {
                owner.disconnected(error)
            }
            await rest.wait(atMost: backoff.next())
        }
    }
}
