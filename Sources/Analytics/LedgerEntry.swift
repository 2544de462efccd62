public import Primitives
internal import Secrets

public enum LedgerEntryEntity {}
public typealias LedgerEntryID = Identifier<LedgerEntryEntity>

/// One row of the ledger: what a business row counts for on one meter.
///
/// Ids only, no text and no names.
public struct LedgerEntry: Sendable {
    public let id: LedgerEntryID
    public let meter: Meter
    public let quantity: ExactDecimal
    public let key: LedgerKey
    /// When it happened: at most 35 days ago and 5 minutes ahead.
    public let occurredAt: Timestamp
    public let subject: LedgerSubject
    /// A conversion's value, or what the quantity cost.
    public let amount: Money?
    /// The model used, as `analytics.price` names it; empty for none.
    public let model: String
    /// The version of the model's price that `amount` is of; 0 where the model has no price.
    public let priceVersion: Int
    /// The entry that this one takes back, with negated quantity and amount.
    public let reverses: LedgerEntryID?

    public init(
        _ meter: Meter,
        _ quantity: ExactDecimal = ExactDecimal(1),
        key: LedgerKey,
        at occurredAt: Timestamp,
        of subject: LedgerSubject,
        amount: Money? = nil,
        model: String = "",
        priceVersion: Int = 0,
        reverses: LedgerEntryID? = nil
    ) {
        id = .next()
        self.meter = meter
        self.quantity = quantity
        self.key = key
        self.occurredAt = occurredAt
        self.subject = subject
        self.amount = amount
        self.model = model
        self.priceVersion = priceVersion
        self.reverses = reverses
    }

    /// SHA-256 of what is counted.
    ///
    /// Not of the moment: a retry that read a clock again counts the same thing.
    var payloadDigest: [UInt8] {
        let payload: JSON = [
            .string(quantity.description), .string((amount?.amount ?? .zero).description),
            .string(amount?.currency.rawValue ?? ""), .string((reverses ?? .none).description),
            .string((subject.agentID ?? .none).description), .string((subject.conversationID ?? .none).description),
            .string((subject.contactID ?? .none).description), .string((subject.runID ?? .none).description),
            .string(subject.channel), .string(model), .number(JSONNumber(priceVersion)),
        ]
        return SHA256.digest(payload.encoded)
    }
}

/// Of whom and what an entry is; shared by the entries of one effect.
public struct LedgerSubject: Hashable, Sendable {
    public var agentID: AgentID?
    public var conversationID: ConversationID?
    public var contactID: ContactID?
    public var runID: RunID?
    /// Where the conversation is held, such as `web`; empty for none.
    public var channel: String

    public init(
        agentID: AgentID? = nil,
        conversationID: ConversationID? = nil,
        contactID: ContactID? = nil,
        runID: RunID? = nil,
        channel: String = ""
    ) {
        self.agentID = agentID
        self.conversationID = conversationID
        self.contactID = contactID
        self.runID = runID
        self.channel = channel
    }
}
