/// What a document says, in UTF-8 with line feeds, whatever kind of file it came in.
public struct ExtractedText: Hashable, Sendable {
    public let text: String
    public let syntax: Syntax

    public init(text: String, syntax: Syntax) {
        self.text = text
        self.syntax = syntax
    }

    public enum Syntax: String, Sendable, CaseIterable {
        case plain, markdown
    }
}
