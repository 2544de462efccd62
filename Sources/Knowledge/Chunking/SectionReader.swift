/// What stands under one heading, with the heading's own line.
struct Section {
    let headings: [String]
    let blocks: [Block]
}

/// A paragraph, a list item, a table or a fenced code.
struct Block {
    var range: Range<String.Index>
    /// A table or code, whose lines mean something; prose may be cut within a line.
    let keepsLines: Bool
}

/// Reads a document section by section, line by line.
struct SectionReader {
    private var lines: LineReader
    private let isMarkdown: Bool
    private var path: [(level: Int, title: String)] = []

    init(_ document: ExtractedText) {
        lines = LineReader(document.text)
        isMarkdown = document.syntax == .markdown
    }

    mutating func next() -> Section? {
        var blocks: [Block] = []
        var hasBody = false
        while let line = lines.peek() {
            if isMarkdown, let heading = MarkdownHeading(line) {
                if hasBody { break }
                lines.advance()
                enter(heading)
                blocks.append(Block(range: line.startIndex..<lines.position, keepsLines: false))
            } else if line.isBlank {
                lines.advance()
            } else {
                hasBody = true
                blocks.append(readBlock(first: line))
            }
        }
        return blocks.isEmpty ? nil : Section(headings: path.map(\.title), blocks: blocks)
    }

    private mutating func enter(_ heading: MarkdownHeading) {
        path.removeAll { $0.level >= heading.level }
        if !heading.title.isEmpty { path.append((heading.level, heading.title)) }
    }

    private mutating func readBlock(first: Substring) -> Block {
        lines.advance()
        if isMarkdown, let fence = CodeFence(opening: first) {
            while let line = lines.peek() {
                lines.advance()
                if fence.isClosed(by: line) { break }
            }
            return Block(range: first.startIndex..<lines.position, keepsLines: true)
        }
        let isTable = isMarkdown && first.isTableRow
        while let line = lines.peek(), !line.isBlank {
            if isMarkdown, line.isTableRow != isTable || line.interruptsParagraph { break }
            lines.advance()
        }
        return Block(range: first.startIndex..<lines.position, keepsLines: isTable)
    }
}

/// A heading of the ATX form, `## Preços`; pandoc writes no other.
private struct MarkdownHeading {
    let level: Int
    let title: String

    /// A breadcrumb is shown and indexed with every passage below it.
    private static let longestTitle = 120

    init?(_ line: Substring) {
        let line = line.drop { $0 == " " }
        let marks = line.prefix { $0 == "#" }
        let rest = line[marks.endIndex...]
        guard (1...6).contains(marks.count), rest.first.map(\.isWhitespace) ?? true else { return nil }
        level = marks.count
        let words = rest.split(whereSeparator: \.isWhitespace).filter { !$0.allSatisfy { $0 == "#" } }
        title = String(words.joined(separator: " ").filter { !"*`\\".contains($0) }.prefix(Self.longestTitle))
    }
}

private struct CodeFence {
    private let mark: Substring

    init?(opening line: Substring) {
        let line = line.drop { $0 == " " }
        guard let first = line.first, first == "`" || first == "~" else { return nil }
        mark = line.prefix { $0 == first }
        guard mark.count >= 3 else { return nil }
    }

    func isClosed(by line: Substring) -> Bool {
        let line = line.drop { $0 == " " }
        return line.hasPrefix(mark) && line.allSatisfy { $0 == mark.first || $0.isWhitespace }
    }
}

extension Substring {
    fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }

    fileprivate var isTableRow: Bool { drop { $0 == " " }.first == "|" }

    /// A list item, a heading or a fence ends the paragraph above it.
    fileprivate var interruptsParagraph: Bool {
        if MarkdownHeading(self) != nil || CodeFence(opening: self) != nil { return true }
        let marker = drop { $0.isNumber }
        if marker.startIndex > startIndex { return marker.hasPrefix(". ") || marker.hasPrefix(") ") }
        return ["- ", "* ", "+ "].contains { hasPrefix($0) }
    }
}

/// The lines of a text, each without its end.
///
/// A line feed is always a boundary between characters.
private struct LineReader {
    private let text: String
    private(set) var position: String.Index

    init(_ text: String) {
        self.text = text
        position = text.startIndex
    }

    /// The line at `position`; nil at the end of the text.
    func peek() -> Substring? {
        guard position < text.endIndex else { return nil }
        let end = text.utf8[position...].firstIndex(of: UInt8(ascii: "\n")) ?? text.endIndex
        return text[position..<end]
    }

    mutating func advance() {
        let end = text.utf8[position...].firstIndex(of: UInt8(ascii: "\n"))
        position = end.map(text.utf8.index(after:)) ?? text.endIndex
    }
}
