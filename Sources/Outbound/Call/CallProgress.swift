internal import Synchronization

/// How far a call came, told by the task and by the connection that work on it.
final class CallProgress: Sendable {
    private let current = Mutex(CallPhase.checking)
    private let observe: @Sendable (CallPhase) -> Void

    init(observe: @escaping @Sendable (CallPhase) -> Void) {
        self.observe = observe
    }

    var phase: CallPhase { current.withLock { $0 } }

    func enter(_ phase: CallPhase) {
        current.withLock { $0 = phase }
        observe(phase)
    }
}
