internal import LanguageModels
internal import Primitives

/// What the knowledge base has on a question, best first.
typealias PassageSearch =
    @Sendable (_ question: String, KnowledgeBaseID, TenantID) async throws -> [FoundPassage]

/// A passage, as the model reads it and as it is shown.
struct FoundPassage: Sendable {
    let passage: Passage
    let source: RunEvent.Source
}
