/// Cuts one block into pieces of at most `maximumLength` scalars, at the best places there are.
struct BlockCutter {
    let maximumLength: Int

    /// - Returns: ranges that touch and cover the block. One character longer than `maximumLength` stays whole.
    func cut(_ block: Block, in text: String) -> [Range<String.Index>] {
        guard text.unicodeScalars.count(in: block.range) > maximumLength else { return [block.range] }
        var pieces: [Range<String.Index>] = []
        var piece = Piece(start: block.range.lowerBound)
        var previous: Unicode.Scalar?
        var index = block.range.lowerBound
        while index < block.range.upperBound {
            // A character is judged by its first scalar: marks and joiners add nothing to where a text may be cut.
            let scalar = text.unicodeScalars[index]
            let next = text.index(after: index)
            let length = text.unicodeScalars.distance(from: index, to: next)
            while piece.length + length > maximumLength, piece.length > 0 {
                let cut = piece.cut(keepsLines: block.keepsLines) ?? (index, piece.length)
                pieces.append(piece.start..<cut.index)
                piece = Piece(start: cut.index, length: piece.length - cut.length)
            }
            if let previous { piece.note(index, between: previous, and: scalar) }
            piece.length += length
            previous = scalar
            index = next
        }
        if piece.length > 0 { pieces.append(piece.start..<block.range.upperBound) }
        return pieces
    }

    private struct Piece {
        typealias Place = (index: String.Index, length: Int)

        let start: String.Index
        var length = 0
        // The last place of each kind within the piece, and the scalars before it.
        private var line: Place?
        private var sentence: Place?
        private var word: Place?

        init(start: String.Index, length: Int = 0) {
            self.start = start
            self.length = length
        }

        mutating func note(_ index: String.Index, between previous: Unicode.Scalar, and next: Unicode.Scalar) {
            switch (previous.isSpace, next.isSpace) {
            case (true, false):
                if previous == "\n" { line = (index, length) } else { word = (index, length) }
            // Before the space that follows the sentence's end, so that a look at one scalar tells.
            case (false, true) where previous.endsSentence: sentence = (index, length)
            default: break
            }
        }

        /// The best place that does not leave a crumb: a piece is at least a quarter of what it could be.
        func cut(keepsLines: Bool) -> Place? {
            let places = (keepsLines ? [line, word] : [sentence, line, word]).compactMap { $0 }
            return places.first { $0.length * 4 >= length } ?? places.first { $0.length > 0 }
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isSpace: Bool {
        isASCII ? value == 0x20 || (0x09...0x0D).contains(value) : properties.isWhitespace
    }

    fileprivate var endsSentence: Bool {
        switch self {
        case ".", "!", "?", "…", ":", ";": true
        default: false
        }
    }
}
