/// What a document says, in UTF-8 with line feeds, whatever kind of file it came in.
package struct ExtractedText: Hashable, Sendable {
    package let text: String
    package let syntax: Syntax

    package init(text: String, syntax: Syntax) {
        self.text = text
        self.syntax = syntax
    }

    package enum Syntax: String, Sendable, CaseIterable {
        case plain, markdown
    }
}
