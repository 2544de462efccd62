internal import Synchronization

/// Lets a loop rest until it is poked or a time has passed.
///
/// For one loop.
public final class WakeUp: Sendable {
    private enum State {
        case idle
        /// Poked while nobody waited: the next wait is none.
        case poked
        case waiting(CheckedContinuation<Void, Never>)
    }

    private let state = Mutex(State.idle)

    public init() {}

    public func poke() {
        let waiter: CheckedContinuation<Void, Never>? = state.withLock { state in
            if case .waiting(let waiter) = state {
                state = .idle
                return waiter
            }
            state = .poked
            return nil
        }
        waiter?.resume()
    }

    /// Returns at once when its task is cancelled.
    public func wait(atMost duration: Duration) async {
        await withTaskGroup { group in
            group.addTask {
                // The time-out: whoever pokes may be another process, or gone.
                do { try await Task.sleep(for: duration) } catch { return }
                self.poke()
            }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isOver = state.withLock { state in
                        if case .poked = state {
                            state = .idle
                            return true
                        }
                        state = .waiting(continuation)
                        return false
                    }
                    if isOver { continuation.resume() } else if Task.isCancelled { poke() }
                }
            } onCancel: {
                poke()
            }
            group.cancelAll()
        }
    }
}
