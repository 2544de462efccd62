internal import DequeModule

/// What one reader has yet to take of the live events, bounded in bytes.
///
/// A value: no lock, no task.
///
/// A reader that lets it overflow is cut off: what it has not taken is dropped here and is still in the log, where the
/// reader's cursor finds it.
struct LiveBuffer {
    private enum State {
        case open
        /// The reader has taken everything and waits for more.
        case waiting
        case ended
    }

    private let capacity: Int
    private var state = State.open
    private var events: Deque<LiveEvent> = []
    private(set) var size = 0

    /// - Parameter capacity: in bytes; one event of any size always fits.
    init(capacity: Int) {
        self.capacity = capacity
    }

    var isWaiting: Bool { state == .waiting }
    var isEnded: Bool { state == .ended }

    enum Offer: Equatable {
        case kept
        /// To be given to the reader that waits.
        case handOver(LiveEvent)
        /// The reader is ended now.
        case overflowed
        /// It was ended before.
        case refused
    }

    mutating func offer(_ event: LiveEvent) -> Offer {
        switch state {
        case .ended:
            return .refused
        case .waiting:
            state = .open
            return .handOver(event)
        case .open:
            guard events.isEmpty || size + event.size <= capacity else {
                end()
                return .overflowed
            }
            events.append(event)
            size += event.size
            return .kept
        }
    }

    enum Take: Equatable {
        case event(LiveEvent)
        case wait
        case ended
    }

    mutating func take() -> Take {
        if let event = events.popFirst() {
            size -= event.size
            return .event(event)
        }
        guard state != .ended else { return .ended }
        state = .waiting
        return .wait
    }

    /// - Returns: whether the reader was waiting; it does no longer, and has to be woken without an event.
    mutating func interrupt() -> Bool {
        guard state == .waiting else { return false }
        state = .open
        return true
    }

    mutating func end() {
        state = .ended
        events = []
        size = 0
    }
}
