internal import Primitives
internal import Synchronization

/// The events of one run in this process, written by the run and read by any number of attachments.
///
/// Each reads at its own pace and from any place; a slow one holds nothing but its place.
final class RunJournal: RunEventSource {
    private struct State {
        var log = RunLog()
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    let identity: RunIdentity
    private let state = Mutex(State())

    init(_ identity: RunIdentity) {
        self.identity = identity
    }

    var size: Int { state.withLock { $0.log.size } }
    var isFinished: Bool { state.withLock { $0.log.isFinished } }

    /// - Returns: false once a terminal event was appended; the event is then dropped.
    @discardableResult
    func append(_ payload: RunEvent.Payload, at timestamp: Timestamp) -> Bool {
        let (isAppended, waiting) = state.withLock { state in
            guard state.log.append(payload, at: timestamp) else {
                return (false, [CheckedContinuation<Void, Never>]())
            }
            defer { state.waiting = [:] }
            return (true, Array(state.waiting.values))
        }
        for continuation in waiting { continuation.resume() }
        return isAppended
    }

    /// All that is there after an event, at least one; waits for it.
    /// - Returns: nil after the terminal event, and when the task was cancelled.
    func events(after sequence: Int) async -> ArraySlice<RunEvent>? {
        while !Task.isCancelled {
            let (events, isFinished) = state.withLock { ($0.log.events(after: sequence), $0.log.isFinished) }
            if !events.isEmpty { return events }
            if isFinished { return nil }
            await waitForNews(after: sequence)
        }
        return nil
    }

    func waitForNews(after sequence: Int) async {
        let waiter = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let hasNews = state.withLock { state in
                    // A task cancelled before is seen here; one cancelled later finds the continuation.
                    if Task.isCancelled || state.log.events.count > sequence || state.log.isFinished { return true }
                    state.waiting[waiter] = continuation
                    return false
                }
                if hasNews { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: waiter) }?.resume()
        }
    }
}
