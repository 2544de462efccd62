/// A passage of a document: what is searched, found and quoted.
package struct Chunk: Hashable, Sendable {
    /// From 0, in the order of the document.
    package let ordinal: Int
    /// The headings that the passage stands under, outermost first, without their markup.
    package let headings: [String]
    /// A stretch of the document's text as it is, without white space at its ends.
    package let content: String
    /// Where it is in the document's text, in Unicode scalars, which Postgres calls characters.
    package let range: Range<Int>

    /// `Planos > Preços`; empty for a passage under no heading.
    package var breadcrumb: String { headings.joined(separator: " > ") }
}
