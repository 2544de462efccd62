internal import Primitives

@testable import Analytics

/// A report by the definitions, entry by entry, for America/Sao_Paulo in the summer of 2018/19, whose changes of clocks
/// are written here by hand: Postgres has no part in it.
struct NaiveReport {
    private let entries: [LedgerEntry]
    private let all: [LedgerEntry]
    private let days: [String]

    init(_ entries: [LedgerEntry], _ query: ReportQuery, first: String, last: String) {
        var days = [first]
        while let day = days.last, day < last { days.append(Self.day(after: day)) }
        self.days = days
        all = entries
        let admitted = entries.filter { query.agentID == nil || $0.subject.agentID == query.agentID }
        self.entries = admitted.filter { days.contains(Self.day(of: $0.occurredAt)) }
    }

    func report(asOf: Timestamp) -> AnalyticsReport {
        let agents = Set(entries.compactMap(\.subject.agentID)).map { agentID in
            AnalyticsReport.Agent(agentID: agentID, figures: figures { $0.subject.agentID == agentID })
        }
        return AnalyticsReport(
            firstDay: days[0],
            lastDay: days[days.count - 1],
            timeZone: "America/Sao_Paulo",
            start: Self.start(of: days[0]),
            end: Self.start(of: Self.day(after: days[days.count - 1])),
            asOf: asOf,
            overview: AnalyticsReport.Overview(
                figures: figures { _ in true },
                timeToFirstToken: timing(.answerFirstToken),
                responseTime: timing(.answerTotal)
            ),
            timeSeries: days.map { day in
                let figures = figures { Self.day(of: $0.occurredAt) == day }
                return AnalyticsReport.Day(day: day, start: Self.start(of: day), figures: figures)
            },
            topAgents: agents.sorted { left, right in
                if left.figures.conversions != right.figures.conversions {
                    return left.figures.conversions > right.figures.conversions
                }
                if left.figures.conversationsStarted != right.figures.conversationsStarted {
                    return left.figures.conversationsStarted > right.figures.conversationsStarted
                }
                return left.agentID < right.agentID
            }
        )
    }

    private func figures(where isWanted: (LedgerEntry) -> Bool) -> Figures {
        let entries = entries.filter(isWanted)
        func of(_ meter: Meter) -> [LedgerEntry] { entries.filter { $0.meter == meter } }
        func sum(_ meter: Meter) -> Int { of(meter).reduce(0) { $0 + (Int($1.quantity.description) ?? 0) } }
        func money(_ entries: [LedgerEntry]) -> MoneyTotals {
            var sums: [Currency: ExactDecimal] = [:]
            for amount in entries.compactMap(\.amount) {
                sums[amount.currency] = (sums[amount.currency] ?? .zero) + amount.amount
            }
            return MoneyTotals(sums, first: .brl)
        }
        let tokens = [Meter.tokensInput, .tokensCached, .tokensCacheWrite, .tokensOutput].flatMap(of)
        let reversed = Set(all.compactMap(\.reverses))
        let ratings = of(.feedback).filter { $0.reverses == nil && !reversed.contains($0.id) }
        let started = of(.conversationStarted).compactMap(\.subject.conversationID)
        let converted = started.filter { conversation in
            all.filter { $0.meter == .conversion && $0.subject.conversationID == conversation }
                .reduce(ExactDecimal.zero) { $0 + $1.quantity } > .zero
        }
        return Figures(
            conversationsStarted: started.count,
            messagesIn: of(.messageIn).count,
            messagesOut: of(.messageOut).count,
            toolCalls: of(.toolCall).count,
            leadsCaptured: of(.leadCaptured).count,
            humanRequested: of(.humanRequested).count,
            conversions: sum(.conversion),
            conversionValue: money(of(.conversion)),
            cohort: Figures.Cohort(started: started.count, converted: converted.count),
            tokens: TokenQuantities(
                input: sum(.tokensInput),
                cached: sum(.tokensCached),
                cacheWrite: sum(.tokensCacheWrite),
                output: sum(.tokensOutput)
            ),
            unpricedTokens: tokens.filter { $0.amount == nil }.reduce(0) { $0 + (Int($1.quantity.description) ?? 0) },
            cost: money(tokens),
            satisfaction: Figures.Satisfaction(
                positive: ratings.filter { $0.quantity > .zero }.count,
                rated: ratings.count
            )
        )
    }

    private func timing(_ meter: Meter) -> AnalyticsReport.Timing? {
        let sorted = entries.filter { $0.meter == meter }.compactMap { Int($0.quantity.description) }.sorted()
        guard !sorted.isEmpty else { return nil }
        // Nearest rank, in whole numbers: the ⌈p·n⌉-th.
        return AnalyticsReport.Timing(
            count: sorted.count,
            p50: sorted[(sorted.count + 1) / 2 - 1],
            p95: sorted[(95 * sorted.count + 99) / 100 - 1]
        )
    }

    private static func day(of moment: Timestamp) -> String {
        let isSummer = moment >= .at("2018-11-04T03:00:00Z") && moment < .at("2019-02-17T02:00:00Z")
        return String((moment - .seconds((isSummer ? 2 : 3) * 3600)).description.prefix(10))
    }

    private static func day(after day: String) -> String {
        String((Timestamp.at("\(day)T12:00:00Z") + .seconds(86_400)).description.prefix(10))
    }

    /// The first whole hour that is of the day.
    private static func start(of day: String) -> Timestamp {
        var moment = Timestamp.at("\(day)T00:00:00Z")
        while Self.day(of: moment) < day { moment = moment + .seconds(3600) }
        return moment
    }
}
