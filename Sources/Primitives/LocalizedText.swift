/// A text that a person reads, in the two languages we speak.
package struct LocalizedText: Hashable, Sendable {
    package let portuguese: String
    package let english: String

    package init(pt portuguese: String, en english: String) {
        self.portuguese = portuguese
        self.english = english
    }

    package func callAsFunction(in language: Language) -> String {
        switch language {
        case .portuguese: portuguese
        case .english: english
        }
    }
}

package enum Language: String, Sendable, CaseIterable {
    case portuguese = "pt-BR"
    case english = "en"
}
