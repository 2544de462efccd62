package import Primitives

/// What a tenant's agents did in a range of local days: exact, computed from the ledger in one snapshot.
package struct AnalyticsReport: Sendable, Hashable {
    package let firstDay: String
    package let lastDay: String
    package let timeZone: String
    /// The range as instants, the end not included.
    package let start: Timestamp
    package let end: Timestamp
    /// Everything committed before is in it.
    package let asOf: Timestamp
    package let overview: Overview
    /// One for each day, also for those on which nothing happened.
    package let timeSeries: [Day]
    /// At most ten: those with the most conversions, then with the most conversations.
    package let topAgents: [Agent]

    package struct Overview: Sendable, Hashable {
        package let figures: Figures
        /// nil where no answer was timed.
        package let timeToFirstToken: Timing?
        package let responseTime: Timing?
    }

    package struct Day: Sendable, Hashable {
        /// As in `2026-11-22`.
        package let day: String
        package let start: Timestamp
        package let figures: Figures
    }

    package struct Agent: Sendable, Hashable {
        package let agentID: AgentID
        package let figures: Figures
    }

    /// Percentiles of observed milliseconds: the smallest that at least that share of all are not above.
    package struct Timing: Sendable, Hashable {
        package let count: Int
        package let p50: Int
        package let p95: Int
    }
}

/// The figures of a range, a day or an agent: by event day, what happened then; only `cohort` follows the conversations
/// that began then to whatever became of them later.
package struct Figures: Sendable, Hashable {
    package let conversationsStarted: Int
    package let messagesIn: Int
    package let messagesOut: Int
    package let toolCalls: Int
    package let leadsCaptured: Int
    package let humanRequested: Int
    /// Less those that were reversed.
    package let conversions: Int
    package let conversionValue: MoneyTotals
    package let cohort: Cohort
    package let tokens: TokenQuantities
    /// Tokens of models without a price, which `cost` cannot hold.
    package let unpricedTokens: Int
    package let cost: MoneyTotals
    package let satisfaction: Satisfaction

    package struct Cohort: Sendable, Hashable {
        package let started: Int
        package let converted: Int

        /// converted ÷ started, to four places; nil where none was started.
        package var conversionRate: ExactDecimal? { .ratio(converted, of: started) }
    }

    package struct Satisfaction: Sendable, Hashable {
        package let positive: Int
        package let rated: Int

        /// positive ÷ rated, to four places; nil where none was rated.
        package var share: ExactDecimal? { .ratio(positive, of: rated) }
    }
}

extension ExactDecimal {
    /// To four places, halves away from zero; nil where `whole` is not positive.
    static func ratio(_ part: Int, of whole: Int) -> ExactDecimal? {
        guard whole > 0 else { return nil }
        let tenThousandths = (2 * 10_000 * part + whole) / (2 * whole)
        let fraction = String(tenThousandths % 10_000)
        let padding = String(repeating: "0", count: 4 - fraction.count)
        return ExactDecimal("\(tenThousandths / 10_000).\(padding)\(fraction)")
    }
}
