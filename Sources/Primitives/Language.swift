public enum Language: String, Sendable, CaseIterable {
    case portuguese = "pt-BR"
    case english = "en"
}
