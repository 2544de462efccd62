/// Lets so many errors of a kind through in a minute and counts the others.
struct ErrorFlood {
    /// Errors of one signature in a minute that are logged and sent one by one.
    static let limit = 10
    /// Different signatures in a minute; beyond, all count as `ErrorSignature.other`.
    static let capacity = 500

    private var counts: [ErrorSignature: Int] = [:]

    /// - Returns: as what it counts, and whether it is to be told.
    mutating func admit(_ signature: ErrorSignature) -> (signature: ErrorSignature, isTold: Bool) {
        let isKnown = counts[signature] != nil || counts.count < Self.capacity
        let counted = isKnown ? signature : .other
        counts[counted, default: 0] += 1
        return (counted, counts[counted, default: 0] <= Self.limit)
    }

    /// Begins the next minute.
    /// - Returns: how many of which were not told in the one that ends.
    mutating func endMinute() -> [(signature: ErrorSignature, suppressed: Int)] {
        defer { counts = [:] }
        return counts.filter { $0.value > Self.limit }.map { ($0.key, $0.value - Self.limit) }
            .sorted { $0.suppressed > $1.suppressed }
    }
}
