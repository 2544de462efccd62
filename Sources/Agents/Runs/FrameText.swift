internal import Primitives

/// Text for frames of the chat stream, which are at most 1,200 bytes long.
///
/// A client in the field cuts network chunks, not frames. What surrounds the text (ids, names, times) takes under 350
/// bytes of a frame.
public enum FrameText {
    /// Bytes of a piece of the answer, as JSON.
    public static let maximumDelta = 850
    /// Bytes of a source's excerpt, as JSON.
    public static let maximumExcerpt = 500
    /// Bytes of a source's name, as JSON: a source's frame has its excerpt and three more members.
    public static let maximumName = 160

    /// Cuts text into pieces of at most `limit` bytes as JSON; none is empty, and together they are the text.
    ///
    /// Cut between characters; a single character that is longer (a letter under hundreds of marks) between its scalars.
    /// - Parameter limit: at least 6, the longest escape of a scalar.
    public static func pieces(of text: String, limit: Int = maximumDelta) -> [String] {
        guard JSONWriter.escapedLength(of: text) > limit else { return text.isEmpty ? [] : [text] }
        var pieces: [String] = []
        var piece = ""
        var length = 0
        func close() {
            if !piece.isEmpty { pieces.append(piece) }
            piece = ""
            length = 0
        }
        for character in text {
            let added = JSONWriter.escapedLength(of: String(character))
            if length + added > limit { close() }
            if added <= limit {
                piece.append(character)
                length += added
                continue
            }
            for scalar in character.unicodeScalars {
                let added = JSONWriter.escapedLength(of: String(scalar))
                if length + added > limit { close() }
                piece.unicodeScalars.append(scalar)
                length += added
            }
        }
        close()
        return pieces
    }

    /// The text if it fits, else its beginning and an ellipsis.
    public static func beginning(of text: String, limit: Int) -> String {
        guard JSONWriter.escapedLength(of: text) > limit else { return text }
        return (pieces(of: text, limit: limit - "…".utf8.count).first ?? "") + "…"
    }
}
