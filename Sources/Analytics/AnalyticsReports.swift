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
        try await report(query, by: database.statements(of: tenantID))
    }

    /// - Throws: as `report(_:for:)`; the transaction is then to be rolled back.
    public func report(_ query: ReportQuery, in transaction: TenantTransaction) async throws -> AnalyticsReport {
        try await report(query, by: transaction)
    }

    private func report(_ query: ReportQuery, by tenant: some TenantStatements) async throws -> AnalyticsReport {
        let now = clock.now()
        let days = try await days(of: query, now: now, by: tenant)
        guard let first = days.first, let last = days.last else { throw Fault(.internalFailure, .internalFailure) }
        let rows = try await tenant.query(
            SelectReport(
                tenantID: tenant.tenantID,
                days: days.map(\.start),
                end: last.end,
                agentID: query.agentID
            )
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
    private func days(
        of query: ReportQuery,
        now: Timestamp,
        by tenant: some TenantStatements
    ) async throws -> [LocalDayBounds] {
        let days: [LocalDayBounds]
        do {
            days = try await tenant.query(
                SelectDays(period: query.period, timeZone: query.timeZone.name, now: now)
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
