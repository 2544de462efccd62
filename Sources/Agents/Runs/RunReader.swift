internal import Synchronization

/// Somebody who reads a run's events, one task at a time: woken for news, and let go at any moment.
final class RunReader: Sendable {
    private enum State {
        case idle
        /// There was news while nobody waited.
        case woken
        case waiting(CheckedContinuation<Void, Never>)
        case ended
    }

    private let state = Mutex(State.idle)

    var hasEnded: Bool {
        state.withLock { if case .ended = $0 { true } else { false } }
    }

    /// There may be something to read; whoever waits looks.
    func wake() {
        move(to: .woken)?.resume()
    }

    /// Nothing more is wanted.
    func end() {
        move(to: .ended)?.resume()
    }

    /// Waits until `wake` or `end`, also one that came before; returns at once where the task is cancelled.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    // A task cancelled before is seen here; one cancelled later finds the continuation.
                    guard case .idle = state, !Task.isCancelled else { return false }
                    state = .waiting(continuation)
                    return true
                }
                guard !mustWait else { return }
                state.withLock { if case .woken = $0 { $0 = .idle } }
                continuation.resume()
            }
        } onCancel: {
            wake()
        }
    }

    /// - Returns: the continuation of who waited and is to go on.
    private func move(to new: State) -> CheckedContinuation<Void, Never>? {
        state.withLock { state in
            switch state {
            case .ended: return nil
            case .waiting(let continuation):
                if case .ended = new { state = .ended } else { state = .idle }
                return continuation
            case .idle, .woken:
                state = new
                return nil
            }
        }
    }
}
