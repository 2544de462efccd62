internal import Primitives
internal import Synchronization

/// The events of one run in this process, written by the run and read by any number of attachments.
///
/// Each reads at its own pace and from any place; a slow one holds nothing but its place.
final class RunJournal: RunEventSource {
    private struct State {
        var log = RunLog()
        /// Those who have read everything and wait for more.
        var waiting: [RunReader] = []
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
            guard state.log.append(payload, at: timestamp) else { return (false, [RunReader]()) }
            defer { state.waiting = [] }
            return (true, state.waiting)
        }
        for reader in waiting { reader.wake() }
        return isAppended
    }

    func events(after sequence: Int, for reader: RunReader) async -> ArraySlice<RunEvent>? {
        while !reader.hasEnded, !Task.isCancelled {
            let (events, isFinished) = state.withLock { state in
                let events = state.log.events(after: sequence)
                let isFinished = state.log.isFinished
                if events.isEmpty, !isFinished { state.waiting.append(reader) }
                return (events, isFinished)
            }
            if !events.isEmpty { return events }
            if isFinished { return nil }
            await reader.wait()
        }
        return nil
    }
}
