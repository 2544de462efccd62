/// A moment, in whole microseconds since 1970-01-01T00:00:00Z: what `timestamptz` holds, without loss.
public struct Timestamp: Hashable, Comparable, Sendable {
    public let microsecondsSinceEpoch: Int64

    public init(microsecondsSinceEpoch: Int64) {
        self.microsecondsSinceEpoch = microsecondsSinceEpoch
    }

    public init(secondsSinceEpoch: Int64) {
        self.init(microsecondsSinceEpoch: secondsSinceEpoch * 1_000_000)
    }

    /// Whole seconds since the epoch, rounded down.
    public var secondsSinceEpoch: Int64 {
        microsecondsSinceEpoch.flooredDivision(by: 1_000_000).quotient
    }

    public static func < (left: Self, right: Self) -> Bool {
        left.microsecondsSinceEpoch < right.microsecondsSinceEpoch
    }

    public static func + (left: Self, right: Duration) -> Self {
        Self(microsecondsSinceEpoch: left.microsecondsSinceEpoch + right.microseconds)
    }

    public static func - (left: Self, right: Duration) -> Self {
        Self(microsecondsSinceEpoch: left.microsecondsSinceEpoch - right.microseconds)
    }

    public static func - (left: Self, right: Self) -> Duration {
        .microseconds(left.microsecondsSinceEpoch - right.microsecondsSinceEpoch)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with microseconds, as in `2026-11-22T23:06:45.123456Z`.
    public var description: String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(27)
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends `description`.
    func write(to bytes: inout [UInt8]) {
        let (seconds, microseconds) = microsecondsSinceEpoch.flooredDivision(by: 1_000_000)
        let (days, secondOfDay) = seconds.flooredDivision(by: 86_400)
        let (year, month, day) = Self.civil(fromDays: days)
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 27) { text in
            text.write(year, digits: 4, at: 0, then: "-")
            text.write(month, digits: 2, at: 5, then: "-")
            text.write(day, digits: 2, at: 8, then: "T")
            text.write(secondOfDay / 3600, digits: 2, at: 11, then: ":")
            text.write(secondOfDay / 60 % 60, digits: 2, at: 14, then: ":")
            text.write(secondOfDay % 60, digits: 2, at: 17, then: ".")
            text.write(microseconds, digits: 6, at: 20, then: "Z")
            bytes.append(contentsOf: text)
        }
    }
}

extension Timestamp: LosslessStringConvertible {
    /// Reads RFC 3339: a date, `T`, a time with at most nine decimals, and `Z` or an offset.
    ///
    /// Nanoseconds are cut off; a leap second (`:60`), a day that does not exist and a time without offset are refused.
    public init?(_ description: String) {
        var text = Substring(description).utf8
        guard
            let year = text.takeNumber(digits: 4), text.take("-"),
            let month = text.takeNumber(digits: 2), text.take("-"),
            let day = text.takeNumber(digits: 2), text.take("T") || text.take("t"),
            let hour = text.takeNumber(digits: 2), text.take(":"),
            let minute = text.takeNumber(digits: 2), text.take(":"),
            let second = text.takeNumber(digits: 2),
            (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, of: year),
            hour < 24, minute < 60, second < 60
        else { return nil }
        var microseconds: Int64 = 0
        if text.take(".") {
            var digits = 0
            while let digit = text.takeNumber(digits: 1) {
                digits += 1
                if digits <= 6 { microseconds = microseconds * 10 + digit }
            }
            guard (1...9).contains(digits) else { return nil }
            for _ in digits..<max(digits, 6) { microseconds *= 10 }
        }
        guard let offset = text.takeOffset(), text.isEmpty else { return nil }
        let seconds = Self.days(fromCivil: (year, month, day)) * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(microsecondsSinceEpoch: seconds * 1_000_000 + microseconds)
    }
}

extension Timestamp {
    /// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
    ///
    /// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
    private static func days(fromCivil date: (year: Int64, month: Int64, day: Int64)) -> Int64 {
        let year = date.month <= 2 ? date.year - 1 : date.year
        let (era, yearOfEra) = year.flooredDivision(by: 400)
        let dayOfYear = (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The date, in the proleptic Gregorian calendar, of a number of days since 1970-01-01.
    ///
    /// The inverse of `days(fromCivil:)`; same source, `civil_from_days`.
    public static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension UnsafeMutableBufferPointer<UInt8> {
    /// The last `digits` digits of a number, and what comes after them.
    fileprivate func write(_ value: Int64, digits: Int, at start: Int, then next: Unicode.Scalar) {
        var rest = value.magnitude
        for position in stride(from: start + digits - 1, through: start, by: -1) {
            self[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        self[start + digits] = UInt8(ascii: next)
    }
}

extension Substring.UTF8View {
    fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard first == UInt8(ascii: character) else { return false }
        removeFirst()
        return true
    }

    fileprivate mutating func takeNumber(digits: Int) -> Int64? {
        guard count >= digits else { return nil }
        var value: Int64 = 0
        for byte in prefix(digits) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        removeFirst(digits)
        return value
    }

    /// Seconds east of UTC.
    fileprivate mutating func takeOffset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = takeNumber(digits: 2), take(":"), let minutes = takeNumber(digits: 2),
            hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 3600 + minutes * 60)
    }
}
