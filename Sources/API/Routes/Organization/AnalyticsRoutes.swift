internal import Analytics
internal import Primitives
internal import Tenancy

/// What an organisation's agents did: exact figures from the ledger.
struct AnalyticsRoutes {
    let reports: AnalyticsReports

    var endpoints: [TenantEndpoint] {
        [
            .read("/analytics", "Figures of a period", .data(.report)) {
                (input: ReportFields, context) in
                try await report(input, context)
            },
            .read("/analytics/dashboard", "Figures of a period, for the dashboard", .data(.report)) {
                (input: ReportFields, context) in
                try await report(input, context)
            },
        ]
    }

    private func report(_ input: ReportFields, _ context: TenantRequestContext) async throws -> AnalyticsReport {
        let tenantID = context.tenant.tenantID
        let timeZone =
            if let name = input.timeZone { name } else { try await context.database.settings(of: tenantID).timeZone }
        let query = ReportQuery(
            period: try input.period(),
            timeZone: try ReportTimeZone(timeZone),
            agentID: input.agentID
        )
        return try await reports.report(query, for: tenantID)
    }
}

private struct ReportFields: RequestFields {
    private enum Named: String, CaseIterable {
        case day, week, month

        var period: ReportPeriod {
            switch self {
            case .day: .last(days: 1)
            case .week: .last(days: 7)
            case .month: .last(days: 30)
            }
        }
    }

    private let named: Named?
    private let first: LocalDay?
    private let last: LocalDay?
    let agentID: AgentID?
    let timeZone: String?

    init(from request: inout RequestReader) {
        named = request.query("period", .oneOf(placeholder: .week), "The last 1, 7 or 30 days; week by default.")
        first = request.query("start_date", .localDay, "First day, instead of period.") ?? nil
        last = request.query("end_date", .localDay, "Last day; start_date by default.") ?? nil
        agentID = request.query("agent_id", .id(), "Only this agent's.")
        timeZone = request.query("timezone", .timeZone, "IANA zone of the days; the organisation's by default.")
    }

    func period() throws(Fault) -> ReportPeriod {
        if let first { return try ReportPeriod(from: first, to: last ?? first) }
        guard last == nil else {
            throw .validation([
                FieldProblem(
                    field: "start_date",
                    message: LocalizedText(pt: "é obrigatório com end_date", en: "is required with end_date")
                )
            ])
        }
        return (named ?? .week).period
    }
}

extension Field where Value == LocalDay? {
    fileprivate static let localDay = Field(
        schema: Schema([("type", "string"), ("format", "date")]),
        placeholder: nil,
        read: { input, problems in
            guard let day = input.json.string.flatMap({ LocalDay($0) }) else {
                problems.add(
                    input.path,
                    pt: "deve ser uma data como 2026-11-22",
                    en: "must be a date such as 2026-11-22",
                    value: input.json
                )
                return nil
            }
            return day
        }
    )
}

extension Output where Value == AnalyticsReport {
    fileprivate static let report = Output.object(
        "AnalyticsReport",
        [
            Member("start_date", .text, \.firstDay),
            Member("end_date", .text, \.lastDay),
            Member("timezone", .text, \.timeZone),
            Member("start", .timestamp, \.start),
            Member("end", .timestamp, \.end),
            Member("as_of", .timestamp, \.asOf),
            Member("overview", .overview, \.overview),
            Member("time_series", Output<AnalyticsReport.Day>.day.list, \.timeSeries),
            Member("top_agents", Output<AnalyticsReport.Agent>.agent.list, \.topAgents),
        ]
    )
}

extension Output where Value == AnalyticsReport.Overview {
    fileprivate static let overview = Output.object(
        "AnalyticsOverview",
        Figures.members.map { $0.of(\.figures) } + [
            Member("time_to_first_token", Output<AnalyticsReport.Timing>.timing.nullable, \.timeToFirstToken),
            Member("response_time", Output<AnalyticsReport.Timing>.timing.nullable, \.responseTime),
        ]
    )
}

extension Output where Value == AnalyticsReport.Day {
    fileprivate static let day = Output.object(
        "AnalyticsDay",
        [Member("date", .text, \.day), Member("start", .timestamp, \.start)]
            + Figures.members.map { $0.of(\.figures) }
    )
}

extension Output where Value == AnalyticsReport.Agent {
    fileprivate static let agent = Output.object(
        "AnalyticsAgent",
        [Member("agent_id", .id(), \.agentID)] + Figures.members.map { $0.of(\.figures) }
    )
}

extension Output where Value == AnalyticsReport.Timing {
    fileprivate static let timing = Output.object(
        "Timing",
        [Member("count", .integer, \.count), Member("p50_ms", .integer, \.p50), Member("p95_ms", .integer, \.p95)]
    )
}

extension Figures {
    fileprivate static let members: [Member<Figures>] = [
        Member("conversations_started", .integer, \.conversationsStarted),
        Member("messages_in", .integer, \.messagesIn),
        Member("messages_out", .integer, \.messagesOut),
        Member("tool_calls", .integer, \.toolCalls),
        Member("leads_captured", .integer, \.leadsCaptured),
        Member("human_requested", .integer, \.humanRequested),
        Member("conversions", .integer, \.conversions),
        Member("conversion_value", .totals, \.conversionValue),
        Member("conversion_rate", Output<ExactDecimal>.rate.nullable, \.cohort.conversionRate),
        Member("conversations_converted", .integer, \.cohort.converted),
        Member("tokens", .tokens, \.tokens),
        Member("unpriced_tokens", .integer, \.unpricedTokens),
        Member("cost", .totals, \.cost),
        Member("satisfaction", Output<ExactDecimal>.rate.nullable, \.satisfaction.share),
        Member("rated", .integer, \.satisfaction.rated),
    ]
}

extension Output where Value == MoneyTotals {
    fileprivate static let totals = Output.object(
        "MoneyTotals",
        [
            Member("amount", .amount, \.total.amount),
            Member("currency", .text, \.total.currency.rawValue),
            Member("others", Output<Money>.money.list, \.others),
        ]
    )
}

extension Output where Value == TokenQuantities {
    fileprivate static let tokens = Output.object(
        "TokenQuantities",
        [
            Member("input", .integer, \.input), Member("cached", .integer, \.cached),
            Member("cache_write", .integer, \.cacheWrite), Member("output", .integer, \.output),
        ]
    )
}
