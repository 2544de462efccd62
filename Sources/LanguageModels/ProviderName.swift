/// Who runs a model; open, since providers come and go in a table.
public struct ProviderName: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let local = Self(rawValue: "local")
    public static let openAI = Self(rawValue: "openai")

    public var description: String { rawValue }
}
