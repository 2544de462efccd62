public import Primitives

/// A passage that a search found.
public struct FoundChunk: Hashable, Sendable {
    public let id: ChunkID
    public let documentID: DocumentID
    public let documentName: String
    /// `Planos > Preços`; empty where the document has no headings.
    public let breadcrumb: String
    public let content: String
    /// The place of the passage in its document, from 0.
    public let ordinal: Int
    /// 0–1; 0.7 and more has all the words that were asked for (`knowledge.search_lexical`).
    public let score: Double

    /// The part that answers the query, at most 500 bytes.
    public func excerpt(for query: String) -> String {
        Excerpt.make(of: content, for: query)
    }
}
