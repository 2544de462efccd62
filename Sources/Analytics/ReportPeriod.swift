public import Primitives

/// Which local days a report covers.
public enum ReportPeriod: Hashable, Sendable {
    /// So many days up to and with today: rolling, so that figures of the same length can be compared, and the first of a
    /// month does not begin with an empty report.
    case last(days: Int)
    /// From the first to the last, both included.
    case days(LocalDay, LocalDay)

    /// The longest report, in days.
    public static let maximumDays = 366

    /// - Throws: `validation_error` where the last day is before the first, or the period is longer than a year.
    public init(from first: LocalDay, to last: LocalDay) throws(Fault) {
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
