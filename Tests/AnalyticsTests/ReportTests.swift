internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@testable import Analytics

@Suite(.database, .timeLimit(.minutes(2))) struct ReportTests {
    private let tenant = TenantID.next()

    private func days(_ first: String, _ last: String, _ zone: String = "America/Sao_Paulo") throws -> ReportQuery {
        let period = try ReportPeriod(from: #require(LocalDay(first)), to: #require(LocalDay(last)))
        return ReportQuery(period: period, timeZone: try ReportTimeZone(zone))
    }

    private func message(at moment: String) -> LedgerEntry {
        LedgerEntry(.messageIn, key: LedgerKey(.message, MessageID.next()), at: .at(moment), of: LedgerSubject())
    }

    @Test("whatever is counted, late, twice, reversed or rolled back, the report equals the naive sum at every step")
    func oracle() async throws {
        let database = try TestDatabase.current
        for month in ["2018-10-01", "2018-11-01", "2019-02-01", "2019-03-01"] {
            try await database.ensurePartition(month: month)
        }
        for (seed, first, last) in [(1, "2018-11-01", "2018-11-07"), (2, "2019-02-13", "2019-02-19")] {
            var script = LedgerScript(seed: UInt64(seed), from: .at("\(first)T00:00:00Z"), days: 7)
            let tenant = TenantID.next()
            // Another tenant does the same, and is not to be seen.
            let other = TenantID.next()
            let reports = AnalyticsReports(database: database.tenants, clock: .fixed(script.now))
            for _ in 0..<12 {
                let step = script.next()
                try await commit(step, to: tenant, clock: .fixed(script.now), database)
                try await commit(step, to: other, clock: .fixed(script.now), database)
                for agentID in [nil, script.agents[0]] {
                    for (first, last) in [(first, last), (String(first.dropLast()) + "4", last)] {
                        let period = try days(first, last).period
                        let query = ReportQuery(period: period, agentID: agentID)
                        let expected = NaiveReport(script.committed, query, first: first, last: last)
                        let report = try await reports.report(query, for: tenant)
                        try #require(report == expected.report(asOf: script.now))
                    }
                }
            }
            #expect(script.committed.count > 300)
        }
    }

    private func commit(
        _ step: LedgerScript.Step,
        to tenantID: TenantID,
        clock: WallClock,
        _ database: TestDatabase
    ) async throws {
        do {
            try await database.tenants.transaction(in: tenantID) { transaction in
                try await transaction.record(step.entries, clock: clock)
                if step.isAbandoned { throw LedgerScript.Abandoned() }
            }
        } catch is LedgerScript.Abandoned {}
    }

    @Test("the day on which clocks go forward at midnight has 23 hours, the one on which they go back has 25")
    func oddDays() async throws {
        let database = try TestDatabase.current
        for month in ["2018-11-01", "2019-02-01"] { try await database.ensurePartition(month: month) }
        let edges = [
            ("2018-11-06T00:00:00Z", ["2018-11-04T02:59:59.999999Z", "2018-11-04T03:00:00Z"]),
            ("2018-11-06T00:00:00Z", ["2018-11-05T01:59:59Z", "2018-11-05T02:00:00Z"]),
            ("2019-02-18T00:00:00Z", ["2019-02-16T01:59:59Z", "2019-02-16T02:00:00Z", "2019-02-17T02:30:00Z"]),
            ("2019-02-18T00:00:00Z", ["2019-02-17T02:59:59.999999Z", "2019-02-17T03:00:00Z"]),
        ]
        for (now, moments) in edges {
            try await database.record(moments.map(message), in: tenant, clock: .fixed(.at(now)))
        }
        let reports = AnalyticsReports(database: database.tenants)
        let forward = try await reports.report(days("2018-11-03", "2018-11-05"), for: tenant)
        #expect(forward.timeSeries.map(\.figures.messagesIn) == [1, 2, 1])
        #expect(forward.timeSeries[2].start - forward.timeSeries[1].start == .seconds(23 * 3600))
        let back = try await reports.report(days("2019-02-15", "2019-02-17"), for: tenant)
        #expect(back.timeSeries.map(\.figures.messagesIn) == [1, 3, 1])
        #expect(back.timeSeries[2].start - back.timeSeries[1].start == .seconds(25 * 3600))
        #expect(back.overview.figures.messagesIn == 5)
        // The same rows by days of another zone.
        let utc = try await reports.report(days("2019-02-15", "2019-02-17", "UTC"), for: tenant)
        #expect(utc.timeSeries.map(\.figures.messagesIn) == [0, 2, 3])
    }

    @Test("where midnight is twice, the day begins with the first")
    func midnightTwice() async throws {
        let database = try TestDatabase.current
        let reports = AnalyticsReports(database: database.tenants)
        let havana = try await reports.report(days("2025-11-01", "2025-11-03", "America/Havana"), for: tenant)
        #expect(
            havana.timeSeries.map(\.start.description).map { $0.prefix(13) } == [
                "2025-11-01T04", "2025-11-02T04", "2025-11-03T05",
            ]
        )
    }

    @Test("a zone that is unknown, or not whole hours from UTC, is a validation error")
    func zones() async throws {
        let database = try TestDatabase.current
        let reports = AnalyticsReports(database: database.tenants)
        for zone in ["Mars/Phobos", "Asia/Kolkata", "Australia/Lord_Howe"] {
            let fault = await #expect(throws: Fault.self, "\(zone)") {
                try await reports.report(days("2026-01-01", "2026-01-02", zone), for: tenant)
            }
            #expect(fault?.code == .validation)
            #expect(fault?.problems.map(\.field) == ["timezone"])
        }
    }

    @Test("a week is the last seven local days, also while it is already tomorrow in UTC")
    func rollingPeriod() async throws {
        let database = try TestDatabase.current
        let reports = AnalyticsReports(
            database: database.tenants,
            clock: .fixed(.at("2026-03-01T02:30:00Z"))
        )
        let week = try await reports.report(ReportQuery(period: .last(days: 7)), for: tenant)
        #expect((week.firstDay, week.lastDay) == ("2026-02-22", "2026-02-28"))
        #expect((week.start, week.end) == (.at("2026-02-22T03:00:00Z"), .at("2026-03-01T03:00:00Z")))
        #expect(week.timeSeries.count == 7)
    }

    @Test("nothing is zero, and of nothing there is no rate, no percentile and no agent")
    func empty() async throws {
        let database = try TestDatabase.current
        let reports = AnalyticsReports(database: database.tenants)
        let report = try await reports.report(ReportQuery(period: .last(days: 1)), for: tenant)
        let figures = report.overview.figures
        #expect(figures.conversationsStarted == 0)
        #expect(figures.conversionValue.total == Money(.zero, .brl))
        #expect(figures.cohort.conversionRate == nil)
        #expect(figures.satisfaction.share == nil)
        #expect(report.overview.timeToFirstToken == nil)
        #expect(report.topAgents.isEmpty)
        #expect(report.timeSeries.map(\.figures) == [figures])
    }

    @Test("a late conversion counts on its own day, and in the cohort of its conversation")
    func cohort() async throws {
        let database = try TestDatabase.current
        let now = WallClock.system.now()
        let conversations = (0..<3).map { _ in LedgerSubject(conversationID: .next()) }
        let began = now - .seconds(10 * 86_400)
        let sale = LedgerEntry(
            .conversion,
            key: LedgerKey(.conversion, ConversionID.next()),
            at: now,
            of: conversations[0],
            amount: Money(try #require(ExactDecimal("199.90")), .brl)
        )
        let started = conversations.map {
            LedgerEntry(
                .conversationStarted,
                key: LedgerKey(.conversation, $0.conversationID ?? .none),
                at: began,
                of: $0
            )
        }
        try await database.record(started + [sale], in: tenant)
        let reports = AnalyticsReports(database: database.tenants, clock: .fixed(now))
        let month = try await reports.report(ReportQuery(period: .last(days: 30)), for: tenant)
        #expect(month.overview.figures.cohort.conversionRate?.description == "0.3333")
        let startDay = try #require(month.timeSeries.first { $0.figures.conversationsStarted == 3 })
        #expect(startDay.figures.conversions == 0)
        #expect(startDay.figures.cohort == .init(started: 3, converted: 1))
        let today = try #require(month.timeSeries.last)
        #expect(today.figures.conversions == 1)
        #expect(today.figures.conversionValue.total.amount.description == "199.9")
        #expect(today.figures.cohort.conversionRate == nil)
        // Taken back: it is no conversion any more, on no day.
        let reversal = LedgerEntry(
            .conversion,
            ExactDecimal(-1),
            key: LedgerKey(.conversion, ConversionID.next()),
            at: now,
            of: conversations[0],
            amount: Money(try #require(ExactDecimal("-199.90")), .brl),
            reverses: sale.id
        )
        try await database.record([reversal], in: tenant)
        let after = try await reports.report(ReportQuery(period: .last(days: 30)), for: tenant)
        #expect(after.overview.figures.cohort == .init(started: 3, converted: 0))
        #expect(after.overview.figures.conversions == 0)
        #expect(after.overview.figures.conversionValue.total.amount == .zero)
    }
}
