/// JSON that nobody here looks into: kept, sent on and stored as the text that it is.
public struct JSONText: Sendable {
    /// Valid JSON.
    public let text: String

    public init(_ json: JSON) {
        text = json.description
    }

    /// - Parameter text: What somebody else has verified to be JSON, as Postgres does for `jsonb`.
    public init(verified text: String) {
        self.text = text
    }

    public static let emptyArray = JSONText(verified: "[]")
    public static let emptyObject = JSONText(verified: "{}")
}

/// Two texts are equal if they say the same; spaces do not count.
extension JSONText: Hashable {
    public static func == (left: Self, right: Self) -> Bool {
        left.text == right.text || left.value == right.value
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(value)
    }

    private var value: JSON? { try? JSON.parse(text).root }
}
