internal import Primitives
internal import TestSupport

@testable import Analytics

/// A seeded script of transactions over some days, with everything that the ledger has to bear.
struct LedgerScript {
    struct Abandoned: Error {}

    struct Step {
        var entries: [LedgerEntry]
        let isAbandoned: Bool
    }

    let agents = (0..<3).map { _ in AgentID.next() }
    let now: Timestamp
    private(set) var committed: [LedgerEntry] = []
    private let start: Timestamp
    private let days: Int
    private var random: SplitMix64
    private var conversations: [LedgerSubject] = []

    init(seed: UInt64, from start: Timestamp, days: Int) {
        random = SplitMix64(seed: seed)
        self.start = start
        self.days = days
        now = start + .seconds((days + 2) * 86_400)
    }

    mutating func next() -> Step {
        var step = Step(entries: [], isAbandoned: Int.random(in: 0..<6, using: &random) == 0)
        for _ in 0..<40 { step.entries += effect() }
        step.entries.shuffle(using: &random)
        let known = Set(committed.map(\.id))
        if !step.isAbandoned { committed += step.entries }
        // Some things are counted again: within the transaction, and long after.
        step.entries += step.entries.filter { _ in Int.random(in: 0..<5, using: &random) == 0 }
        step.entries += committed.filter { known.contains($0.id) && Int.random(in: 0..<9, using: &random) == 0 }
        return step
    }

    /// From a day before to a day after, often at a whole hour.
    private mutating func moment() -> Timestamp {
        let hour = Int.random(in: -24..<(days + 1) * 24, using: &random)
        let within = Bool.random(using: &random) ? 0 : Int.random(in: 0..<3_600_000_000, using: &random)
        return start + .seconds(hour * 3600) + .microseconds(within - Int.random(in: 0...1, using: &random))
    }

    private mutating func effect() -> [LedgerEntry] {
        let subject = conversations.randomElement(using: &random) ?? LedgerSubject()
        let moment = moment()
        func entry(_ meter: Meter, _ quantity: Int = 1) -> LedgerEntry {
            LedgerEntry(meter, ExactDecimal(quantity), key: key(), at: moment, of: subject)
        }
        switch Int.random(in: 0..<12, using: &random) {
        case 0, 1:
            let agentID = Int.random(in: 0..<8, using: &random) == 0 ? nil : agents.randomElement(using: &random)
            let new = LedgerSubject(agentID: agentID, conversationID: .next(), channel: "web")
            conversations.append(new)
            return [LedgerEntry(.conversationStarted, key: key(), at: moment, of: new)]
        case 2: return [entry(.messageIn)]
        case 3: return [entry(.messageOut), entry(.toolCall), entry(.toolCall)]
        case 4: return [entry(.leadCaptured), entry(.humanRequested)]
        case 5, 6: return tokens(subject, moment)
        case 7, 8: return conversion(subject, moment)
        case 9: return feedback(subject, moment)
        default:
            let total = entry(.answerTotal, Int.random(in: 0..<60_000, using: &random))
            let first = entry(.answerFirstToken, Int.random(in: 0..<5_000, using: &random))
            return Bool.random(using: &random) ? [total] : [total, first]
        }
    }

    private mutating func tokens(_ subject: LedgerSubject, _ moment: Timestamp) -> [LedgerEntry] {
        let currency: Currency = Bool.random(using: &random) ? .usd : .brl
        let unit = Money(ExactDecimal("0.000000\(Int.random(in: 1..<1000, using: &random))") ?? .zero, currency)
        let prices: [Meter: Money] = [
            .tokensInput: unit, .tokensCached: unit, .tokensCacheWrite: unit, .tokensOutput: unit,
        ]
        let isPriced = Int.random(in: 0..<3, using: &random) > 0
        return LedgerEntry.tokens(
            TokenQuantities(
                input: Int.random(in: 0..<10_000, using: &random),
                cached: Int.random(in: 0..<3, using: &random) * 100,
                cacheWrite: Int.random(in: 0..<2, using: &random) * 50,
                output: Int.random(in: 1..<2_000, using: &random)
            ),
            model: "m",
            price: isPriced ? ModelPrice(model: "m", version: 4, unitPrices: prices) : nil,
            key: key(),
            at: moment,
            of: subject
        )
    }

    private mutating func conversion(_ subject: LedgerSubject, _ moment: Timestamp) -> [LedgerEntry] {
        let cents = Int.random(in: 0..<1_000_000, using: &random)
        let currency: Currency = Int.random(in: 0..<4, using: &random) == 0 ? .usd : .brl
        let value = ExactDecimal("\(cents / 100).\(cents % 100 / 10)\(cents % 10)") ?? .zero
        let sale = LedgerEntry(.conversion, key: key(), at: moment, of: subject, amount: Money(value, currency))
        guard Int.random(in: 0..<3, using: &random) == 0 else { return [sale] }
        let reversal = LedgerEntry(
            .conversion,
            ExactDecimal(-1),
            key: key(),
            at: self.moment(),
            of: subject,
            amount: Money(.zero - value, currency),
            reverses: sale.id
        )
        return [sale, reversal]
    }

    private mutating func feedback(_ subject: LedgerSubject, _ moment: Timestamp) -> [LedgerEntry] {
        let rating = ExactDecimal(Bool.random(using: &random) ? 1 : -1)
        let given = LedgerEntry(.feedback, rating, key: key(), at: moment, of: subject)
        guard Int.random(in: 0..<3, using: &random) == 0 else { return [given] }
        let taken = LedgerEntry(
            .feedback,
            .zero - rating,
            key: key(),
            at: moment,
            of: subject,
            reverses: given.id
        )
        return [given, taken]
    }

    private func key() -> LedgerKey {
        LedgerKey(.message, MessageID.next())
    }
}
