public import Postgres
public import Primitives

/// The business row that a ledger entry counts: with its meter, what makes the entry count once.
public struct LedgerKey: Hashable, Sendable {
    public let source: LedgerSource
    public let value: String

    /// - Parameter value: names the business row within its kind, and holds nothing of the moment of counting.
    public init(_ source: LedgerSource, _ value: String) {
        self.source = source
        self.value = value
    }

    public init<Entity>(_ source: LedgerSource, _ id: Identifier<Entity>) {
        self.init(source, id.description)
    }
}

/// A kind of business row.
///
/// Open: whoever owns such rows names them.
public struct LedgerSource: RawRepresentable, Hashable, Sendable, PostgresText {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let conversation = LedgerSource(rawValue: "conversation")
    public static let message = LedgerSource(rawValue: "message")
    public static let run = LedgerSource(rawValue: "run")
    public static let conversion = LedgerSource(rawValue: "conversion")
    public static let document = LedgerSource(rawValue: "document")
}
