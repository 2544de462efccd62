internal import Primitives

/// A day of the calendar, `2026-11-22`, in whatever zone.
public struct LocalDay: Hashable, Sendable, LosslessStringConvertible {
    public let description: String
    private let midnightUTC: Timestamp

    /// - Returns: nil for a day that does not exist, and for years before 1970 or after 9999.
    public init?(_ description: String) {
        guard description.utf8.count == 10, description >= "1970",
            let midnightUTC = Timestamp(description + "T00:00:00Z")
        else { return nil }
        self.description = description
        self.midnightUTC = midnightUTC
    }

    func days(to other: LocalDay) -> Int {
        Int((other.midnightUTC - midnightUTC).components.seconds / 86_400)
    }
}

extension LocalDay: Comparable {
    public static func < (left: Self, right: Self) -> Bool { left.midnightUTC < right.midnightUTC }
}
