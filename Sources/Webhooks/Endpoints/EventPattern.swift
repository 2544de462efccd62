public import Postgres

/// Which types of events an endpoint gets: a type's name, the beginning of names with `*` after it (`message_*`), or `*`.
public struct EventPattern: RawRepresentable, Hashable, Sendable, PostgresText {
    public let rawValue: String

    /// As ECMA-262 writes it, for documentation.
    public static let expression = "^([a-z][a-z0-9_]{0,98}\\*?|\\*)$"

    public static let all = EventPattern(valid: "*")

    private init(valid: String) {
        rawValue = valid
    }

    /// - Returns: nil for anything else than lower-case letters, digits and underscores, at most 99 of them, beginning with
    ///   a letter, with or without a star at the end.
    public init?(rawValue: String) {
        let name = rawValue.hasSuffix("*") ? rawValue.dropLast() : rawValue[...]
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
            default: false
            }
        }
        guard rawValue == "*" || isName && name.utf8.count <= 99 && name.first?.isLetter == true else { return nil }
        self.rawValue = rawValue
    }
}
