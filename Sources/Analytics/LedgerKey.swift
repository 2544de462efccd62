internal import Postgres
package import Primitives

/// The business row that a ledger entry counts: with its meter, what makes the entry count once.
package struct LedgerKey: Hashable, Sendable {
    package let source: LedgerSource
    package let value: String

    /// - Parameter value: names the business row within its kind, and holds nothing of the moment of counting.
    package init(_ source: LedgerSource, _ value: String) {
        self.source = source
        self.value = value
    }

    package init<Entity>(_ source: LedgerSource, _ id: Identifier<Entity>) {
        self.init(source, id.description)
    }
}

/// A kind of business row.
///
/// Open: whoever owns such rows names them.
package struct LedgerSource: RawRepresentable, Hashable, Sendable, PostgresText {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let conversation = LedgerSource(rawValue: "conversation")
    package static let message = LedgerSource(rawValue: "message")
    package static let run = LedgerSource(rawValue: "run")
    package static let modelCall = LedgerSource(rawValue: "model_call")
    package static let toolCall = LedgerSource(rawValue: "tool_call")
    package static let lead = LedgerSource(rawValue: "lead")
    package static let conversion = LedgerSource(rawValue: "conversion")
    package static let document = LedgerSource(rawValue: "document")
    package static let feedback = LedgerSource(rawValue: "feedback")
}
