package import Primitives

/// A passage that a search found.
package struct FoundChunk: Hashable, Sendable {
    package let id: ChunkID
    package let documentID: DocumentID
    package let documentName: String
    /// `Planos > Preços`; empty where the document has no headings.
    package let breadcrumb: String
    package let content: String
    /// The place of the passage in its document, from 0.
    package let ordinal: Int
    /// 0–1; 0.7 and more has all the words that were asked for (`knowledge.search_lexical`).
    package let score: Double

    /// The part that answers the query, at most 500 bytes.
    package func excerpt(for query: String) -> String {
        Excerpt.make(of: content, for: query)
    }
}
