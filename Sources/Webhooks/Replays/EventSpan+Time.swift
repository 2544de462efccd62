internal import FoundationEssentials
internal import Primitives

extension EventSpan {
    /// Every event there is.
    static let all = EventSpan(
        after: EventID.none.uuid,
        through: UUID(uuid: (255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
    )

    /// Events that were appended within a time, both ends included, to the millisecond: an event's id begins with the
    /// milliseconds since 1970, in 48 bits (RFC 9562, 5.7).
    init(from start: Timestamp, through end: Timestamp) {
        self.init(after: Self.first(of: start), through: Self.first(of: end + .milliseconds(1)))
    }

    /// Below every id of the millisecond, and above those of the one before.
    private static func first(of moment: Timestamp) -> UUID {
        let milliseconds = UInt64(clamping: moment.microsecondsSinceEpoch / 1000)
        let bytes = (0..<6).map { UInt8(truncatingIfNeeded: milliseconds >> (40 - 8 * $0)) }
        return UUID(uuid: (bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))
    }
}
