/// Who runs a model; open, since providers come and go in a table.
package struct ProviderName: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let local = Self(rawValue: "local")
    package static let openAI = Self(rawValue: "openai")

    package var description: String { rawValue }
}
