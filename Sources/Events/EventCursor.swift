internal import FoundationEssentials
internal import Primitives

/// A place in the order of all events: everything at or before it has been seen.
///
/// Opaque to clients, `[0-9A-Za-z-]{1,64}`: the position, and a part of the id of the event there. A log that was restored
/// to an earlier state gives its positions anew, and the part tells: such a cursor leads to a `gap`, never to silence.
public struct EventCursor: Hashable, Sendable {
    public let position: Int
    /// The last four bytes of the event's id, which are random; 0 at position 0, before the first event.
    let mark: UInt32

    init(position: Int, mark: UInt32) {
        self.position = position
        self.mark = mark
    }

    init(position: Int, eventID: EventID) {
        self.init(position: position, mark: eventID.mark)
    }

    /// Before the first event that ever was.
    static let beginning = EventCursor(position: 0, mark: 0)
}

extension EventCursor: LosslessStringConvertible {
    public init?(_ description: String) {
        let parts = description.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].utf8.count == 8,
            let position = Int(parts[0], radix: 16), position >= 0,
            let mark = UInt32(parts[1], radix: 16)
        else { return nil }
        self.init(position: position, mark: mark)
        // Another spelling of the same numbers is not one that we gave.
        guard self.description == description else { return nil }
    }

    public var description: String {
        let mark = String(mark, radix: 16)
        return "\(String(position, radix: 16))-\(String(repeating: "0", count: 8 - mark.count))\(mark)"
    }
}

extension EventCursor {
    /// What came after the cursor, from a page of the log that was read from the cursor's own position on; nil where the
    /// page does not go on from the cursor.
    func entries(on page: [LogEntry]) -> ArraySlice<LogEntry>? {
        if self == .beginning { return (page.first?.cursor.position ?? 1) == 1 ? page[...] : nil }
        return page.first?.cursor == self ? page.dropFirst() : nil
    }
}

extension EventID {
    fileprivate var mark: UInt32 {
        let bytes = uuid.uuid
        return [bytes.12, bytes.13, bytes.14, bytes.15].reduce(0) { $0 << 8 | UInt32($1) }
    }
}

/// What the log holds at the position of a cursor, and at its ends.
struct LogExtent: Sendable {
    let lowest: Int?
    let highest: Int?
    let eventIDAtCursor: EventID?

    /// Why the log cannot be read on from `cursor` without loss; nil if it can.
    ///
    /// The log is trimmed from its lowest position up, so while the row of the cursor is there, all rows after it are.
    func gap(at cursor: EventCursor) -> LiveItem.GapReason? {
        if cursor == .beginning { return (lowest ?? 1) == 1 ? nil : .expired }
        if let eventIDAtCursor {
            return EventCursor(position: cursor.position, eventID: eventIDAtCursor) == cursor ? nil : .unknown
        }
        guard let lowest, let highest, cursor.position <= highest else { return .future }
        return cursor.position < lowest ? .expired : .unknown
    }
}
