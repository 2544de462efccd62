internal import Postgres
internal import Primitives

/// A local day as a half-open interval of instants: 23, 24 or 25 hours.
struct LocalDayBounds: Sendable {
    /// As in `2026-11-22`.
    let day: String
    let start: Timestamp
    let end: Timestamp
    /// Whether the zone's offset from UTC was in whole hours in the period and the year before it, so that a zone is
    /// refused in its summer too.
    let isWholeHours: Bool
}

/// The days of a period in a zone.
struct SelectDays: Statement {
    static let sql = """
        WITH chosen AS (
            SELECT coalesce($2::text::date, today - ($4::int - 1)) AS first, coalesce($3::text::date, today) AS last
            FROM (SELECT ($5::timestamptz AT TIME ZONE $1)::date AS today) AS now
        ), zone AS (
            SELECT bool_and(
                extract(epoch FROM (moment AT TIME ZONE $1) - (moment AT TIME ZONE 'UTC'))::int % 3600 = 0
            ) AS is_whole_hours
            FROM chosen, generate_series(
                (first - 366)::timestamp AT TIME ZONE 'UTC', last::timestamp AT TIME ZONE 'UTC', interval '7 days'
            ) AS moment
        )
        SELECT to_char(day, 'YYYY-MM-DD'), analytics.day_start(day, $1), analytics.day_start(day + 1, $1),
            is_whole_hours
        FROM zone, chosen, LATERAL (SELECT first + generate_series(0, last - first) AS day) AS days
        ORDER BY day
        """
    let period: ReportPeriod
    let timeZone: String
    let now: Timestamp

    var bindings: Bindings {
        switch period {
        case .last(let days): [timeZone, String?.none, String?.none, Int32(days), now]
        case .days(let first, let last): [timeZone, first.description, last.description, Int32(1), now]
        }
    }

    static func decode(_ row: inout RowReader) throws -> LocalDayBounds {
        LocalDayBounds(
            day: try row.read(String.self),
            start: try row.read(Timestamp.self),
            end: try row.read(Timestamp.self),
            isWholeHours: try row.read(Bool.self)
        )
    }
}
