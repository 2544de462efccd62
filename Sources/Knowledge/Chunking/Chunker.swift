/// Cuts a document into passages that are long enough to be understood and short enough to be quoted to a model.
///
/// A heading always begins a passage, and none is left without what follows it. Within a section, passages are of about
/// the same length and are cut between blocks (paragraphs, list items, tables, fenced code); a block that is too long is
/// cut between lines if it is a table or code, else after sentences, then between words, then between characters, never
/// inside one. The same text always gives the same passages, and nothing but white space is between them.
public struct Chunker: Sendable {
    /// Unicode scalars.
    public let maximumLength: Int

    /// - Parameter maximumLength: at least 1.
    public init(maximumLength: Int = 1500) {
        self.maximumLength = max(1, maximumLength)
    }

    public func chunks(of document: ExtractedText) -> [Chunk] {
        var sections = SectionReader(document)
        var chunks: [Chunk] = []
        var position = ScalarPosition(document.text)
        while let section = sections.next() {
            for piece in pieces(of: section, in: document.text) {
                let content = document.text[piece].trimmingWhitespace()
                guard !content.isEmpty else { continue }
                let start = position.advance(to: content.startIndex)
                let end = position.advance(to: content.endIndex)
                chunks.append(
                    Chunk(
                        ordinal: chunks.count,
                        headings: section.headings,
                        content: String(content),
                        range: start..<end
                    )
                )
            }
        }
        return chunks
    }

    private func pieces(of section: Section, in text: String) -> [Range<String.Index>] {
        let blocks = section.blocks.flatMap { BlockCutter(maximumLength: maximumLength).cut($0, in: text) }
        let total = blocks.reduce(0) { $0 + text.unicodeScalars.count(in: $1) }
        // As many passages as are needed, and those of one length: no crumb at the end of a section.
        let target = total / max(1, (total + maximumLength - 1) / maximumLength)
        var pieces: [Range<String.Index>] = []
        var current: Range<String.Index>?
        var length = 0
        for block in blocks {
            let added = text.unicodeScalars.count(in: (current?.upperBound ?? block.lowerBound)..<block.upperBound)
            if let open = current, length < target, length + added <= maximumLength {
                current = open.lowerBound..<block.upperBound
                length += added
            } else {
                if let open = current { pieces.append(open) }
                current = block
                length = text.unicodeScalars.count(in: block)
            }
        }
        if let current { pieces.append(current) }
        return pieces
    }
}

/// Counts scalars along a text once, however many positions are asked for in ascending order.
private struct ScalarPosition {
    private let text: String
    private var index: String.Index
    private var offset = 0

    init(_ text: String) {
        self.text = text
        index = text.startIndex
    }

    mutating func advance(to next: String.Index) -> Int {
        offset += text.unicodeScalars.count(in: index..<next)
        index = next
        return offset
    }
}

extension String.UnicodeScalarView {
    func count(in range: Range<String.Index>) -> Int {
        self[range].count
    }
}

extension Substring {
    fileprivate func trimmingWhitespace() -> Substring {
        var trimmed = drop(while: \.isWhitespace)
        while let last = trimmed.last, last.isWhitespace { trimmed.removeLast() }
        return trimmed
    }
}
