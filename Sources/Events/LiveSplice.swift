internal import DequeModule

/// How a subscription goes from where its reader stopped, through the log, to the live events, without a gap that is
/// not announced and without a repeat.
///
/// A value: it says what to do next and is told what came of it.
///
///     judge the cursor ─► attach ─► live
///            │              ▲ │ the hub is further already
///            │ gap          │ ▼
///            └──────────► attach to the head
///
/// It reads the log up to where the hub stood and tries to attach again, until nothing lies between; so nothing is
/// buffered while it reads, and a reader that is far behind goes at its own pace.
struct LiveSplice {
    enum Step {
        case deliver(LiveItem)
        /// Ask the log whether it can be read on from the cursor; answered by `judged`.
        case judge(EventCursor)
        /// Join the live events after the cursor, or wherever they are; answered by `attached` or `isBehind`.
        case attach(after: EventCursor?)
        /// Read a page of the log, then judge `after` once more; answered by `read`.
        case read(after: EventCursor, through: EventCursor)
        /// Wait for the next live event; answered by `received` or `beat`.
        case receive
        case finish
    }

    private enum State {
        case judging(EventCursor)
        case attaching(after: EventCursor?)
        case reading(after: EventCursor, through: EventCursor)
        /// What the hub sends up to the cursor's position is known to the reader already.
        case live(after: EventCursor)
        case ended
    }

    private let filter: EventFilter
    private var state: State
    private var gap: LiveItem.GapReason?
    private var undelivered: Deque<LiveItem> = []

    /// - Parameter cursor: as the reader sent it; nil to begin with what comes next.
    init(after cursor: String?, filter: EventFilter) {
        self.filter = filter
        guard let cursor else {
            state = .attaching(after: nil)
            return
        }
        if let known = EventCursor(cursor) {
            state = .judging(known)
        } else {
            state = .attaching(after: nil)
            gap = .unknown
        }
    }

    /// What to do now, while the reader waits.
    mutating func step() -> Step {
        if let item = undelivered.popFirst() { return .deliver(item) }
        return switch state {
        case .judging(let cursor): .judge(cursor)
        case .attaching(let cursor): .attach(after: cursor)
        case .reading(let after, let through): .read(after: after, through: through)
        case .live: .receive
        case .ended: .finish
        }
    }

    mutating func judged(_ gap: LiveItem.GapReason?) {
        guard case .judging(let cursor) = state else { return }
        if let gap { return lose(gap) }
        undelivered.append(.cursor(cursor))
        state = .attaching(after: cursor)
    }

    /// The hub sends what comes after `head`, which is not past the cursor that was to be attached after.
    mutating func attached(at head: EventCursor) {
        guard case .attaching(let cursor) = state else { return }
        state = .live(after: cursor ?? head)
        guard cursor == nil else { return }
        if let gap { undelivered.append(.gap(gap)) }
        gap = nil
        undelivered.append(.cursor(head))
    }

    /// The hub has sent everything up to `head` already, and the reader does not know it.
    mutating func isBehind(_ head: EventCursor) {
        guard case .attaching(let cursor?) = state else { return }
        state = .reading(after: cursor, through: head)
    }

    /// - Parameters:
    ///   - isLast: nothing of the tenant's lies between the last entry and the end of what was asked for.
    ///   - gap: what the log said, after the page was read, of the cursor that it was read from.
    mutating func read(_ entries: [LogEntry], isLast: Bool, gap: LiveItem.GapReason?) {
        guard case .reading(_, let through) = state else { return }
        if let gap { return lose(gap) }
        for event in entries.compactMap(\.event) where filter.admits(event) { undelivered.append(.event(event)) }
        guard !isLast, let last = entries.last else {
            state = .attaching(after: through)
            return
        }
        state = .reading(after: last.cursor, through: through)
    }

    /// The reader has been waiting, and the hub has sent everything up to `head`.
    mutating func beat(at head: EventCursor) {
        guard case .live(let after) = state else { return }
        undelivered.append(.cursor(head.position > after.position ? head : after))
    }

    /// - Parameter event: nil when the reader was cut off or the hub has stopped.
    mutating func received(_ event: LiveEvent?) {
        guard case .live(let after) = state else { return }
        guard let event else {
            state = .ended
            return
        }
        if event.cursor.position > after.position { undelivered.append(.event(event)) }
    }

    private mutating func lose(_ reason: LiveItem.GapReason) {
        gap = reason
        state = .attaching(after: nil)
    }
}
