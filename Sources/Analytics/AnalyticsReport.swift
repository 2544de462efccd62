public import Primitives

/// What a tenant's agents did in a range of local days: exact, computed from the ledger in one snapshot.
public struct AnalyticsReport: Sendable, Hashable {
    public let firstDay: String
    public let lastDay: String
    public let timeZone: String
    /// The range as instants, the end not included.
    public let start: Timestamp
    public let end: Timestamp
    /// Everything committed before is in it.
    public let asOf: Timestamp
    public let overview: Overview
    /// One for each day, also for those on which nothing happened.
    public let timeSeries: [Day]
    /// At most ten: those with the most conversions, then with the most conversations.
    public let topAgents: [Agent]

    public struct Overview: Sendable, Hashable {
        public let figures: Figures
        /// nil where no answer was timed.
        public let timeToFirstToken: Timing?
        public let responseTime: Timing?
    }

    public struct Day: Sendable, Hashable {
        /// As in `2026-11-22`.
        public let day: String
        public let start: Timestamp
        public let figures: Figures
    }

    public struct Agent: Sendable, Hashable {
        public let agentID: AgentID
        public let figures: Figures
    }

    /// Percentiles of observed milliseconds: the smallest that at least that share of all are not above.
    public struct Timing: Sendable, Hashable {
        public let count: Int
        public let p50: Int
        public let p95: Int
    }
}

/// The figures of a range, a day or an agent: by event day, what happened then; only `cohort` follows the conversations
/// that began then to whatever became of them later.
public struct Figures: Sendable, Hashable {
    public let conversationsStarted: Int
    public let messagesIn: Int
    public let messagesOut: Int
    public let toolCalls: Int
    public let leadsCaptured: Int
    public let humanRequested: Int
    /// Less those that were reversed.
    public let conversions: Int
    public let conversionValue: MoneyTotals
    public let cohort: Cohort
    public let tokens: TokenQuantities
    /// Tokens of models without a price, which `cost` cannot hold.
    public let unpricedTokens: Int
    public let cost: MoneyTotals
    public let satisfaction: Satisfaction

    public struct Cohort: Sendable, Hashable {
        public let started: Int
        public let converted: Int

        /// converted ÷ started, to four places; nil where none was started.
        public var conversionRate: ExactDecimal? { .ratio(converted, of: started) }
    }

    public struct Satisfaction: Sendable, Hashable {
        public let positive: Int
        public let rated: Int

        /// positive ÷ rated, to four places; nil where none was rated.
        public var share: ExactDecimal? { .ratio(positive, of: rated) }
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
