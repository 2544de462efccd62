/// Cuts one block into pieces of at most `maximumLength` scalars, at the best places there are.
struct BlockCutter {
    let maximumLength: Int

    /// - Returns: ranges that touch and cover the block. One character longer than `maximumLength` stays whole.
    func cut(_ block: Block, in text: String) -> [Range<String.Index>] {
        guard text.unicodeScalars.count(in: block.range) > maximumLength else { return [block.range] }
        var pieces: [Range<String.Index>] = []
        var piece = Piece(start: block.range.lowerBound)
        var previous: Character?
        for index in text[block.range].indices {
            let character = text[index]
            let length = character.unicodeScalars.count
            while piece.length + length > maximumLength, piece.length > 0 {
                let cut = piece.cut(keepsLines: block.keepsLines)
                pieces.append(piece.start..<(cut?.index ?? index))
                piece = Piece(start: cut?.index ?? index, length: piece.length - (cut?.length ?? piece.length))
            }
            if let place = Place(before: character, after: previous) {
                piece.candidates[place] = (index, piece.length)
            }
            piece.length += length
            previous = character
        }
        if piece.length > 0 { pieces.append(piece.start..<block.range.upperBound) }
        return pieces
    }

    /// Where a cut may be, between two characters.
    private enum Place: Hashable {
        case line, sentence, word

        init?(before character: Character, after previous: Character?) {
            guard let previous, previous.isWhitespace, !character.isWhitespace else {
                // Between the end of a sentence and its space, so that the sentence is told by one character.
                guard let previous, ".!?…:;".contains(previous), character.isWhitespace else { return nil }
                self = .sentence
                return
            }
            self = previous.isNewline ? .line : .word
        }
    }

    private struct Piece {
        let start: String.Index
        var length = 0
        /// The last place of each kind within the piece, and the scalars before it.
        var candidates: [Place: (index: String.Index, length: Int)] = [:]

        /// The best place that does not leave a crumb: a piece is at least a quarter of what it could be.
        func cut(keepsLines: Bool) -> (index: String.Index, length: Int)? {
            let order: [Place] = keepsLines ? [.line, .word] : [.sentence, .line, .word]
            let places = order.compactMap { candidates[$0] }
            return places.first { $0.length * 4 >= length } ?? places.first { $0.length > 0 }
        }
    }
}
