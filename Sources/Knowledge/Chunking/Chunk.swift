/// A passage of a document: what is searched, found and quoted.
public struct Chunk: Hashable, Sendable {
    /// From 0, in the order of the document.
    public let ordinal: Int
    /// The headings that the passage stands under, outermost first, without their markup.
    public let headings: [String]
    /// A stretch of the document's text as it is, without white space at its ends.
    public let content: String
    /// Where it is in the document's text, in Unicode scalars, which Postgres calls characters.
    public let range: Range<Int>

    /// `Planos > Preços`; empty for a passage under no heading.
    public var breadcrumb: String { headings.joined(separator: " > ") }
}
