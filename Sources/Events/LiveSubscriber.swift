internal import Primitives
internal import Synchronization
internal import Tenancy

/// One reader's end of the hub: its buffer behind a lock, and the task that waits on it.
final class LiveSubscriber: Sendable {
    private struct State {
        var buffer: LiveBuffer
        var waiter: CheckedContinuation<LiveEvent?, Never>?
    }

    let tenantID: TenantID
    let principal: Principal
    private let filter: EventFilter
    private let state: Mutex<State>

    init(tenantID: TenantID, principal: Principal, filter: EventFilter, capacity: Int) {
        self.tenantID = tenantID
        self.principal = principal
        self.filter = filter
        state = Mutex(State(buffer: LiveBuffer(capacity: capacity)))
    }

    /// Whether it has taken all that it was offered.
    var isWaiting: Bool { state.withLock(\.buffer.isWaiting) }
    var isEnded: Bool { state.withLock(\.buffer.isEnded) }
    var bufferedBytes: Int { state.withLock(\.buffer.size) }

    /// Never waits for the reader.
    func offer(_ event: LiveEvent) {
        guard filter.admits(event) else { return }
        let waiter: CheckedContinuation<LiveEvent?, Never>? = state.withLock { state in
            guard case .handOver = state.buffer.offer(event) else { return nil }
            return state.waiter.take()
        }
        waiter?.resume(returning: event)
    }

    /// The next event; nil once it was cut off, ended or its task cancelled.
    func next() async -> LiveEvent? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let taken: LiveBuffer.Take = state.withLock { state in
                    let taken = state.buffer.take()
                    if taken == .wait { state.waiter = continuation }
                    return taken
                }
                switch taken {
                case .event(let event): continuation.resume(returning: event)
                case .ended: continuation.resume(returning: nil)
                case .wait: if Task.isCancelled { end() }
                }
            }
        } onCancel: {
            end()
        }
    }

    func end() {
        let waiter = state.withLock { state in
            state.buffer.end()
            return state.waiter.take()
        }
        waiter?.resume(returning: nil)
    }
}
