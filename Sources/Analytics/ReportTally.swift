internal import Primitives

/// The rows of a report, put together by what they are of.
struct ReportTally {
    private struct Sums {
        var quantity: [Meter: Int] = [:]
        var value: [Currency: ExactDecimal] = [:]
        var cost: [Currency: ExactDecimal] = [:]
        var unpricedTokens = 0
        var satisfaction = Figures.Satisfaction(positive: 0, rated: 0)
        var cohort = Figures.Cohort(started: 0, converted: 0)

        mutating func add(_ sum: MeterSum) {
            quantity[sum.meter, default: 0] += sum.quantity
            switch sum.meter {
            case .conversion:
                if let currency = sum.currency { value[currency] = sum.amount }
            case .tokensInput, .tokensCached, .tokensCacheWrite, .tokensOutput:
                unpricedTokens += sum.marked
                if let currency = sum.currency { cost[currency] = (cost[currency] ?? .zero) + sum.amount }
            case .feedback:
                satisfaction = Figures.Satisfaction(positive: sum.marked, rated: sum.net)
            default: break
            }
        }
    }

    private let currency: Currency
    private var sums: [ReportScope: Sums] = [:]
    private(set) var timings: [Meter: AnalyticsReport.Timing] = [:]

    init(_ rows: [ReportRow], currency: Currency) {
        self.currency = currency
        for row in rows {
            switch row {
            case .meter(let scope, let sum): sums[scope, default: Sums()].add(sum)
            case .timing(let meter, let timing): timings[meter] = timing
            case .cohort(let scope, let cohort): sums[scope, default: Sums()].cohort = cohort
            }
        }
    }

    func figures(of scope: ReportScope) -> Figures {
        let sums = sums[scope] ?? Sums()
        func count(_ meter: Meter) -> Int { sums.quantity[meter] ?? 0 }
        return Figures(
            conversationsStarted: count(.conversationStarted),
            messagesIn: count(.messageIn),
            messagesOut: count(.messageOut),
            toolCalls: count(.toolCall),
            leadsCaptured: count(.leadCaptured),
            humanRequested: count(.humanRequested),
            conversions: count(.conversion),
            conversionValue: MoneyTotals(sums.value, first: currency),
            cohort: sums.cohort,
            tokens: TokenQuantities(
                input: count(.tokensInput),
                cached: count(.tokensCached),
                cacheWrite: count(.tokensCacheWrite),
                output: count(.tokensOutput)
            ),
            unpricedTokens: sums.unpricedTokens,
            cost: MoneyTotals(sums.cost, first: currency),
            satisfaction: sums.satisfaction
        )
    }

    /// Every agent, those with the most conversions, then conversations, first.
    var agents: [AnalyticsReport.Agent] {
        sums.keys.compactMap { scope -> AnalyticsReport.Agent? in
            guard case .agent(let agentID) = scope, agentID != .none else { return nil }
            return AnalyticsReport.Agent(agentID: agentID, figures: figures(of: scope))
        }
        .sorted { left, right in
            (-left.figures.conversions, -left.figures.conversationsStarted, left.agentID)
                < (-right.figures.conversions, -right.figures.conversationsStarted, right.agentID)
        }
    }
}
