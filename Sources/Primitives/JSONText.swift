/// JSON that nobody here looks into: kept, sent on and stored as the text that it is.
package struct JSONText: Sendable {
    /// Valid JSON.
    package let text: String

    package init(_ json: JSON) {
        text = json.description
    }

    /// - Parameter text: What somebody else has verified to be JSON, as Postgres does for `jsonb`.
    package init(verified text: String) {
        self.text = text
    }

    package static let emptyArray = JSONText(verified: "[]")
    package static let emptyObject = JSONText(verified: "{}")
}

/// Two texts are equal if they say the same; spaces do not count.
extension JSONText: Hashable {
    package static func == (left: Self, right: Self) -> Bool {
        left.text == right.text || left.value == right.value
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(value)
    }

    private var value: JSON? { try? JSON.parse(text).root }
}
