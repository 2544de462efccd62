internal import Primitives

/// By how much the clocks of a zone differ from UTC, for some time.
///
/// Read from Postgres, so that all processes and reports have one opinion of the world's zones.
struct ZoneOffsets: Hashable, Sendable {
    struct Change: Hashable, Sendable {
        /// From when on.
        let at: Timestamp
        /// Seconds east of UTC.
        let offset: Int64
    }

    /// When a clock of the zone shows something.
    enum Occurrence: Hashable, Sendable {
        case once(Timestamp)
        /// Clocks were put back in between.
        case twice(Timestamp, Timestamp)
        /// Clocks are put forward over it, at that moment.
        case never(putForwardAt: Timestamp)
    }

    let validity: ClosedRange<Timestamp>
    /// The first is of the validity's beginning, or before.
    private let changes: [Change]

    /// - Parameter changes: in their order, at least one.
    init(changes: [Change], validity: ClosedRange<Timestamp>) {
        self.changes = changes
        self.validity = validity
    }

    func offset(at moment: Timestamp) -> Int64 {
        (changes.last { $0.at <= moment } ?? changes[0]).offset
    }

    /// - Parameter local: what the clock shows, in seconds since 1970-01-01T00:00 of the same clock.
    func occurrence(ofLocal local: Int64) -> Occurrence {
        let moments = Set(changes.map(\.offset))
            .map { (offset: $0, moment: Timestamp(secondsSinceEpoch: local - $0)) }
            .filter { offset(at: $0.moment) == $0.offset }
            .map(\.moment)
            .sorted()
        if moments.count == 1 { return .once(moments[0]) }
        if let first = moments.first, let last = moments.last { return .twice(first, last) }
        // In the gap of a change: before it the clock showed less, after it more.
        let gap = zip(changes, changes.dropFirst()).first { before, after in
            let moment = after.at.secondsSinceEpoch
            return moment + before.offset <= local && local < moment + after.offset
        }
        return .never(putForwardAt: gap?.1.at ?? Timestamp(secondsSinceEpoch: local - changes[0].offset))
    }
}
