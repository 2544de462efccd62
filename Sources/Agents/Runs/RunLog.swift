internal import Primitives

/// What an answer's clients were told and will be told again, in order; a value without I/O.
///
/// Exactly one terminal event is in a finished log, and it is the last one.
struct RunLog: Sendable {
    private(set) var events: [RunEvent] = []
    /// About what the events hold of memory, in bytes.
    private(set) var size = 0

    var isFinished: Bool { events.last?.payload.isTerminal ?? false }

    /// - Returns: false, and nothing is changed, once the log is finished.
    mutating func append(_ payload: RunEvent.Payload, at timestamp: Timestamp) -> Bool {
        guard !isFinished else { return false }
        events.append(RunEvent(sequence: events.count + 1, timestamp: timestamp, payload: payload))
        size += MemoryLayout<RunEvent>.stride + payload.textLength
        return true
    }

    /// - Parameter sequence: the last event that is known, 0 for none.
    func events(after sequence: Int) -> ArraySlice<RunEvent> {
        events[min(max(sequence, 0), events.count)...]
    }
}

extension RunEvent.Payload {
    fileprivate var textLength: Int {
        switch self {
        case .answer(let text): text.utf8.count
        case .source(let source): source.excerpt.utf8.count + source.name.utf8.count
        case .progress, .metadata, .done, .error: 0
        }
    }
}
