internal import Synchronization

/// Lets calls begin as `CallSlots` says.
final class CallLimiter: Sendable {
    /// Thrown where too many wait already.
    struct Full: Error {}

    private struct State {
        var slots: CallSlots
        var waiting: [CallSlots.ID: CheckedContinuation<Void, any Error>] = [:]
        var lastID: CallSlots.ID = 0
    }

    private let state: Mutex<State>

    init(_ limits: CallLimits) {
        state = Mutex(State(slots: CallSlots(limits)))
    }

    /// Runs `body` when its turn has come.
    ///
    /// - Throws: `Full`; `CancellationError` where the task is cancelled before its turn.
    func withTurn<Result>(at host: String, _ body: () async throws -> Result) async throws -> Result {
        try await enter(host)
        defer { leave(host) }
        return try await body()
    }

    func waiting(for host: String) -> Int { state.withLock { $0.slots.waiting(for: host) } }

    private func enter(_ host: String) async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                // A cancellation before this is seen here; one during or after it finds the continuation.
                let answer: Result<Void, any Error>? = state.withLock { state in
                    guard !Task.isCancelled else { return .failure(CancellationError()) }
                    switch state.slots.arrive(id, host: host) {
                    case .enter: return .success(())
                    case .refuse: return .failure(Full())
                    case .wait:
                        state.waiting[id] = continuation
                        return nil
                    }
                }
                if let answer { continuation.resume(with: answer) }
            }
        } onCancel: {
            let abandoned = state.withLock { state in
                state.slots.giveUp(id) ? state.waiting.removeValue(forKey: id) : nil
            }
            abandoned?.resume(throwing: CancellationError())
        }
    }

    private func leave(_ host: String) {
        let next = state.withLock { state in
            state.slots.leave(host: host).flatMap { state.waiting.removeValue(forKey: $0) }
        }
        next?.resume()
    }
}
