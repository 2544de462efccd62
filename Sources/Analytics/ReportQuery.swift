package import Primitives

/// What a report is about.
package struct ReportQuery: Sendable {
    package let period: ReportPeriod
    package let timeZone: ReportTimeZone
    /// nil: all agents.
    package let agentID: AgentID?
    /// The tenant's: shown first, others apart.
    package let currency: Currency

    package init(
        period: ReportPeriod,
        timeZone: ReportTimeZone = .saoPaulo,
        agentID: AgentID? = nil,
        currency: Currency = .brl
    ) {
        self.period = period
        self.timeZone = timeZone
        self.agentID = agentID
        self.currency = currency
    }
}

/// Which local days a report covers.
package enum ReportPeriod: Hashable, Sendable {
    /// So many days up to and with today. `day`, `week` and `month` are the last 1, 7 and 30: rolling, so that figures of
    /// the same length can be compared, and the first of a month does not begin with an empty report.
    case last(days: Int)
    /// From the first to the last, both included.
    case days(LocalDay, LocalDay)

    /// The longest report, in days.
    package static let maximumDays = 366

    /// A period by its name in the API; nil for any other.
    package init?(named name: String) {
        switch name {
        case "day": self = .last(days: 1)
        case "week": self = .last(days: 7)
        case "month": self = .last(days: 30)
        default: return nil
        }
    }

    /// - Throws: `validation_error` where the last day is before the first, or the period is longer than a year.
    package init(from first: LocalDay, to last: LocalDay) throws(Fault) {
        guard first <= last else {
            throw .invalid(
                "end_date",
                LocalizedText(pt: "Deve ser igual ou posterior a start_date.", en: "Must not be before start_date."),
                value: last.description
            )
        }
        guard first.days(to: last) < Self.maximumDays else {
            throw .invalid(
                "start_date",
                LocalizedText(
                    pt: "O período pode ter no máximo 366 dias.",
                    en: "The period may have 366 days at most."
                ),
                value: first.description
            )
        }
        self = .days(first, last)
    }
}

/// A day of the calendar, `2026-11-22`, in whatever zone.
package struct LocalDay: Hashable, Sendable, LosslessStringConvertible {
    package let description: String
    private let midnightUTC: Timestamp

    /// - Returns: nil for a day that does not exist, and for years before 1970 or after 9999.
    package init?(_ description: String) {
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
    package static func < (left: Self, right: Self) -> Bool { left.midnightUTC < right.midnightUTC }
}

/// A zone of the IANA database by its name; whether Postgres knows it, and whether its offsets are whole hours, shows when
/// a report is made.
package struct ReportTimeZone: Hashable, Sendable {
    package let name: String

    /// - Throws: `validation_error` for what cannot be such a name. Postgres also takes POSIX rules (`FOO+3`), whose sign
    ///   is the other way round: they are refused here.
    package init(_ name: String) throws(Fault) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        let isName =
            name == "UTC"
            || name.utf8.count <= 64 && (2...3).contains(parts.count)
                && parts.allSatisfy { part in
                    part.first?.isLetter == true
                        && part.utf8.allSatisfy { byte in
                            switch byte {
                            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                                UInt8(ascii: "+"):
                                true
                            default: false
                            }
                        }
                }
        guard isName else { throw .unknownTimeZone(name) }
        self.name = name
    }

    private init(known name: String) {
        self.name = name
    }

    package static let saoPaulo = ReportTimeZone(known: "America/Sao_Paulo")
}

extension Fault {
    static func unknownTimeZone(_ name: String) -> Fault {
        .invalid(
            "timezone",
            LocalizedText(pt: "Fuso horário IANA desconhecido.", en: "Unknown IANA time zone."),
            value: name
        )
    }

    static func unsupportedTimeZone(_ name: String) -> Fault {
        .invalid(
            "timezone",
            LocalizedText(
                pt: "Só há relatórios em fusos com diferença de horas inteiras para UTC.",
                en: "Reports exist only for zones whose offset from UTC is in whole hours."
            ),
            value: name
        )
    }
}
