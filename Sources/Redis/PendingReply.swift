internal import Synchronization

/// A task that waits for a reply, resumed once by whoever comes first: the reply, the time-out, the end of the
/// connection or the task's cancellation.
final class PendingReply: Sendable {
    typealias Continuation = CheckedContinuation<RedisValue, any Error>

    private enum State {
        case created
        case waiting(Continuation)
        case resumed
    }

    private let state = Mutex(State.created)

    /// Whether to go on; if the task was cancelled before, the continuation has been resumed.
    func wait(with continuation: Continuation) -> Bool {
        let isCancelled = state.withLock { state in
            guard case .created = state else { return true }
            state = .waiting(continuation)
            return false
        }
        if isCancelled { continuation.resume(throwing: CancellationError()) }
        return !isCancelled
    }

    func resume(with result: Result<RedisValue, any Error>) {
        let continuation: Continuation? = state.withLock { state in
            defer { state = .resumed }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume(with: result)
    }

    func fail(_ kind: RedisError.Kind) {
        resume(with: .failure(RedisError(kind)))
    }
}
