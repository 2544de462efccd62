internal import Primitives
internal import TestSupport
internal import Testing

@testable import Events

/// A log, a hub and one reader that comes back whenever its connection is cut, driven by a seeded script that lets
/// anything happen between any two steps.
struct LiveSpliceModel {
    struct Tally {
        var events = 0, heartbeats = 0, reconnects = 0, cutOffs = 0, pages = 0
        var gaps: [LiveItem.GapReason: Int] = [:]

        static func + (left: Self, right: Self) -> Self {
            Tally(
                events: left.events + right.events,
                heartbeats: left.heartbeats + right.heartbeats,
                reconnects: left.reconnects + right.reconnects,
                cutOffs: left.cutOffs + right.cutOffs,
                pages: left.pages + right.pages,
                gaps: left.gaps.merging(right.gaps, uniquingKeysWith: +)
            )
        }
    }

    private struct Failure: Error {
        let seed: UInt64
        let reason: String
    }

    private static let tenant = TenantID.next()
    private static let other = TenantID.next()
    private static let filter = EventFilter(types: [.toolCalled])
    private static let page = 3

    private let seed: UInt64
    private var random: SplitMix64
    private(set) var tally = Tally()

    private var log: [LogEntry] = []
    /// The log as if it had never been trimmed: what readers have a right to.
    private var published: [LogEntry] = []
    private var position: Int = 0
    private var head = EventCursor.beginning
    private var buffer = LiveBuffer(capacity: 600)
    private var isAttached = false

    private var splice: LiveSplice
    private var pending: LiveSplice.Step?
    private var readPage: [LogEntry]?
    /// The `id:` that the reader saw last.
    private var readerCursor: EventCursor?
    /// The reader knows all of its events up to here; nil from a gap until the next cursor.
    private var known: Int?
    private var hasSeenCursor = false

    init(seed: UInt64) {
        self.seed = seed
        random = SplitMix64(seed: seed)
        splice = LiveSplice(after: nil, filter: Self.filter)
    }

    mutating func act() throws {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: publish()
        case 30..<50: tick()
        case 50..<91: try step()
        case 91..<95: connect()
        case 95..<97: trim()
        case 97: restoreEarlierLog()
        default: heartbeat()
        }
    }

    /// Nothing more happens: the reader must come to know everything.
    mutating func settle() throws {
        for _ in 0..<10_000 {
            tick()
            try step()
            if case .receive? = pending, head.position == (log.last?.cursor.position ?? 0), buffer.isWaiting {
                let missing = published.last { isVisible($0) && $0.cursor.position > known ?? .max }
                guard known != nil, missing == nil else { throw failure("not everything was seen") }
                return
            }
        }
        throw failure("the reader never caught up")
    }

    private mutating func publish() {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            position += Int.random(in: 1...2, using: &random)
            let id = EventID.next()
            let cursor = EventCursor(position: position, eventID: id)
            let event = LiveEvent(
                cursor: cursor,
                id: id,
                type: Bool.random(using: &random) ? .toolCalled : .leadCaptured,
                payload: "{}",
                agentID: nil,
                occurredAt: Timestamp(secondsSinceEpoch: 0)
            )
            let tenant = Bool.random(using: &random) ? Self.tenant : Self.other
            let entry = LogEntry(tenantID: tenant, cursor: cursor, event: position % 7 == 0 ? nil : event)
            log.append(entry)
            published.append(entry)
        }
    }

    private mutating func tick() {
        guard let entries = head.entries(on: log.filter { $0.cursor.position >= head.position })?.prefix(Self.page)
        else {
            head = log.last?.cursor ?? .beginning
            if buffer.isWaiting {
                splice.received(nil)
                pending = nil
            }
            buffer.end()
            isAttached = false
            return
        }
        for entry in entries where isAttached && isVisible(entry) {
            guard let event = entry.event, case .handOver = buffer.offer(event) else { continue }
            splice.received(event)
            pending = nil
        }
        if let last = entries.last { head = last.cursor }
    }

    private mutating func trim() {
        guard log.count > 1 else { return }
        log.removeFirst(Int.random(in: 1..<log.count, using: &random))
    }

    /// As after a restore: the newest events never were, and their positions are given again.
    ///
    /// Processes start anew.
    private mutating func restoreEarlierLog() {
        guard log.count > 2 else { return }
        log.removeLast(Int.random(in: 1..<log.count - 1, using: &random))
        position = log.last?.cursor.position ?? 0
        published.removeAll { $0.cursor.position > position }
        if Bool.random(using: &random) { publish() }
        head = log.last?.cursor ?? .beginning
        // What was read of a life that never was is no measure any more.
        if let cursor = readerCursor, cursor.position > 0, !log.contains(where: { $0.cursor == cursor }) { known = nil }
        connect()
    }

    private mutating func connect() {
        tally.reconnects += 1
        isAttached = false
        buffer = LiveBuffer(capacity: 600)
        pending = nil
        readPage = nil
        hasSeenCursor = false
        splice = LiveSplice(after: readerCursor?.description, filter: Self.filter)
    }

    private mutating func heartbeat() {
        guard isAttached, buffer.interrupt() else { return }
        splice.beat(at: head)
        pending = nil
    }

    private mutating func step() throws {
        guard let current = pending else {
            pending = splice.step()
            return try take()
        }
        switch current {
        case .deliver: pending = nil
        case .judge(let cursor):
            splice.judged(extent(at: cursor).gap(at: cursor))
        case .attach(let cursor):
            if let cursor, cursor.position < head.position {
                splice.isBehind(head)
            } else {
                isAttached = true
                splice.attached(at: head)
            }
        case .read(let after, let through):
            guard let entries = readPage else {
                tally.pages += 1
                readPage = Array(
                    log.filter {
                        $0.tenantID == Self.tenant && $0.cursor.position > after.position
                            && $0.cursor.position <= through.position
                    }.prefix(Self.page)
                )
                return
            }
            readPage = nil
            splice.read(entries, isLast: entries.count < Self.page, gap: extent(at: after).gap(at: after))
        case .receive:
            switch buffer.take() {
            case .event(let event): splice.received(event)
            case .wait: return
            case .ended:
                tally.cutOffs += 1
                splice.received(nil)
            }
        case .finish:
            connect()
            return
        }
        pending = splice.step()
        try take()
    }

    private mutating func take() throws {
        guard case .deliver(let item)? = pending else { return }
        pending = nil
        switch item {
        case .gap(let reason):
            tally.gaps[reason, default: 0] += 1
            known = nil
            hasSeenCursor = false
        case .cursor(let cursor):
            if hasSeenCursor {
                tally.heartbeats += 1
                guard let known, cursor.position >= known else { throw failure("a heartbeat goes back") }
                // What the heartbeat says is done must have been seen.
                let skipped = published.contains {
                    isVisible($0) && $0.cursor.position > known && $0.cursor.position <= cursor.position
                }
                guard !skipped else { throw failure("the heartbeat skips an event") }
            } else if let known, cursor.position != known, readerCursor != nil {
                throw failure("another cursor, and no gap")
            }
            known = cursor.position
            readerCursor = cursor
            hasSeenCursor = true
        case .event(let event):
            tally.events += 1
            guard hasSeenCursor, let known else { throw failure("an event before the cursor") }
            guard event.cursor.position > known else { throw failure("an event twice, or out of order") }
            let skipped = published.contains {
                isVisible($0) && $0.cursor.position > known && $0.cursor.position < event.cursor.position
            }
            guard !skipped else { throw failure("an event was skipped without a gap") }
            self.known = event.cursor.position
            readerCursor = event.cursor
        }
    }

    private func extent(at cursor: EventCursor) -> LogExtent {
        let entry = log.first { $0.cursor.position == cursor.position }
        return LogExtent(
            lowest: log.first?.cursor.position,
            highest: log.last?.cursor.position,
            eventIDAtCursor: entry?.event?.id ?? entry.map { EventID(markedLike: $0.cursor) }
        )
    }

    private func isVisible(_ entry: LogEntry) -> Bool {
        guard entry.tenantID == Self.tenant, let event = entry.event else { return false }
        return Self.filter.admits(event)
    }

    private func failure(_ reason: String) -> Failure {
        Failure(seed: seed, reason: reason)
    }
}

extension EventID {
    /// An id with the cursor's mark: that of an event which is not shown to readers.
    fileprivate init(markedLike cursor: EventCursor) {
        let mark = String(cursor.description.split(separator: "-")[1])
        self = EventID("00000000-0000-7000-8000-0000\(mark)") ?? .none
    }
}
