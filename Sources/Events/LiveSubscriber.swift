internal import Primitives
internal import Synchronization
internal import Tenancy

/// One reader's end of the hub: its buffer behind a lock, and the task that waits on it.
final class LiveSubscriber: Sendable {
    enum Wake {
        case event(LiveEvent)
        /// No event since it began to wait: there was none up to here.
        case heartbeat(EventCursor)
        /// Cut off, let go, or its task cancelled.
        case end
    }

    private struct State {
        var buffer: LiveBuffer
        var waiter: CheckedContinuation<Wake, Never>?
    }

    let tenantID: TenantID
    let principal: Principal
    private let filter: EventFilter
    private let overflowed: @Sendable () -> Void
    private let state: Mutex<State>

    init(
        tenantID: TenantID,
        principal: Principal,
        filter: EventFilter,
        capacity: Int,
        overflowed: @escaping @Sendable () -> Void
    ) {
        self.tenantID = tenantID
        self.principal = principal
        self.filter = filter
        self.overflowed = overflowed
        state = Mutex(State(buffer: LiveBuffer(capacity: capacity)))
    }

    var isEnded: Bool { state.withLock(\.buffer.isEnded) }

    /// Never waits for the reader.
    func offer(_ event: LiveEvent) {
        guard filter.admits(event) else { return }
        let (waiter, isOverflowing): (CheckedContinuation<Wake, Never>?, Bool) = state.withLock { state in
            switch state.buffer.offer(event) {
            case .handOver: (state.waiter.take(), false)
            case .overflowed: (nil, true)
            case .kept, .refused: (nil, false)
            }
        }
        waiter?.resume(returning: .event(event))
        if isOverflowing { overflowed() }
    }

    /// Everything up to `head` has been offered.
    func beat(at head: EventCursor) {
        let waiter: CheckedContinuation<Wake, Never>? = state.withLock { state in
            state.buffer.interrupt() ? state.waiter.take() : nil
        }
        waiter?.resume(returning: .heartbeat(head))
    }

    /// Waits for the next event or heartbeat.
    func next() async -> Wake {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let taken: LiveBuffer.Take = state.withLock { state in
                    let taken = state.buffer.take()
                    if taken == .wait { state.waiter = continuation }
                    return taken
                }
                switch taken {
                case .event(let event): continuation.resume(returning: .event(event))
                case .ended: continuation.resume(returning: .end)
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
        waiter?.resume(returning: .end)
    }
}
