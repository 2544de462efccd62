internal import Postgres
public import Primitives
public import Tenancy

/// Makes reports from the ledger.
public struct AnalyticsReports: Sendable {
    private let database: TenantDatabase
    private let clock: WallClock

    public init(database: TenantDatabase, clock: WallClock = .system) {
        self.database = database
        self.clock = clock
    }

    /// - Throws: `validation_error` for a zone that is unknown or whose offset in the period is not in whole hours.
    public func report(_ query: ReportQuery, for tenantID: TenantID) async throws -> AnalyticsReport {
        let now = clock.now()
        let days = try await days(of: query, now: now, tenantID: tenantID)
        guard let first = days.first, let last = days.last else { throw Fault(.internalFailure, .internalFailure) }
        let rows = try await database.query(
            SelectReport(tenantID: tenantID, days: days.map(\.start), end: last.end, agentID: query.agentID),
            in: tenantID
        )
        let tally = ReportTally(rows, currency: query.currency)
        return AnalyticsReport(
            firstDay: first.day,
            lastDay: last.day,
            timeZone: query.timeZone.name,
            start: first.start,
            end: last.end,
            asOf: now,
            overview: AnalyticsReport.Overview(
                figures: tally.figures(of: .all),
                timeToFirstToken: tally.timings[.answerFirstToken],
                responseTime: tally.timings[.answerTotal]
            ),
            timeSeries: days.enumerated().map { index, day in
                AnalyticsReport.Day(day: day.day, start: day.start, figures: tally.figures(of: .day(index + 1)))
            },
            topAgents: Array(tally.agents.prefix(10))
        )
    }

    /// Postgres does the arithmetic of zones.
    private func days(of query: ReportQuery, now: Timestamp, tenantID: TenantID) async throws -> [LocalDayBounds] {
        let days: [LocalDayBounds]
        do {
            days = try await database.query(
                SelectDays(period: query.period, timeZone: query.timeZone.name, now: now),
                in: tenantID
            )
        } catch let error as PostgresError where error.sqlState == .invalidParameterValue {
            throw Fault.unknownTimeZone(query.timeZone.name)
        }
        guard days.allSatisfy(\.isWholeHours) else { throw Fault.unsupportedTimeZone(query.timeZone.name) }
        return days
    }
}

extension SQLState {
    fileprivate static let invalidParameterValue = SQLState("22023")
}
