public import Primitives

/// Which minutes of a local clock a schedule is due at, in the five fields of cron(5): minute, hour, day of the month, month,
/// day of the week (0–7, Sunday is both 0 and 7).
///
/// A field is `*`, a number, a range `1-5`, either with a step `*/15`, `10-50/20`, or several of these with commas. Where both
/// day fields are given, either is enough; names and `@daily` are not read.
public struct CronExpression: Sendable, Hashable, CustomStringConvertible {
    public let description: String
    let minutes: [Int]
    let hours: [Int]
    private let daysOfMonth: Set<Int>
    private let months: Set<Int>
    private let daysOfWeek: Set<Int>
    private let isEitherDayEnough: Bool

    /// - Throws: `schedule_invalid`.
    public init(_ description: String) throws(Fault) {
        self.description = description
        let fields = description.split(separator: " ")
        guard fields.count == 5,
            let minutes = Self.values(of: fields[0], in: 0...59),
            let hours = Self.values(of: fields[1], in: 0...23),
            let daysOfMonth = Self.values(of: fields[2], in: 1...31),
            let months = Self.values(of: fields[3], in: 1...12),
            let daysOfWeek = Self.values(of: fields[4], in: 0...7)
        else { throw .scheduleInvalid(description) }
        self.minutes = minutes.sorted()
        self.hours = hours.sorted()
        self.daysOfMonth = daysOfMonth
        self.months = months
        self.daysOfWeek = Set(daysOfWeek.map { $0 % 7 })
        isEitherDayEnough = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
    }

    /// Whether it goes on in every hour: then it is about time that passes, and not about what clocks show.
    var isHourly: Bool { hours.count == 24 }

    /// - Parameter day: days since 1970-01-01, a Thursday.
    func includes(day: Int64) -> Bool {
        let (_, month, dayOfMonth) = Timestamp.civil(fromDays: day)
        let isOfMonth = daysOfMonth.contains(Int(dayOfMonth))
        let isOfWeek = daysOfWeek.contains(Int((day % 7 + 11) % 7))
        guard months.contains(Int(month)) else { return false }
        return isEitherDayEnough ? isOfMonth || isOfWeek : isOfMonth && isOfWeek
    }

    private static func values(of field: Substring, in range: ClosedRange<Int>) -> Set<Int>? {
        var values: Set<Int> = []
        for item in field.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = item.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...2).contains(parts.count), let span = span(of: parts[0], in: range) else { return nil }
            guard parts.count == 2 else {
                values.formUnion(span)
                continue
            }
            // A step needs something to step through.
            guard let step = number(parts[1]), step > 0, parts[0] == "*" || parts[0].contains("-") else { return nil }
            values.formUnion(stride(from: span.lowerBound, through: span.upperBound, by: step))
        }
        return values
    }

    private static func span(of text: Substring, in range: ClosedRange<Int>) -> ClosedRange<Int>? {
        if text == "*" { return range }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(number)
        guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1], low <= high,
            range.contains(low), range.contains(high)
        else { return nil }
        return low...high
    }

    /// Digits only: `Int` would also read signs.
    private static func number(_ text: Substring) -> Int? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? Int(text) : nil
    }
}
