/// A text that a person reads, in the two languages we speak.
public struct LocalizedText: Hashable, Sendable {
    public let portuguese: String
    public let english: String

    public init(pt portuguese: String, en english: String) {
        self.portuguese = portuguese
        self.english = english
    }

    public func callAsFunction(in language: Language) -> String {
        switch language {
        case .portuguese: portuguese
        case .english: english
        }
    }
}
