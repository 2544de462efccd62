internal import Primitives

/// The text that `local` answers with, cut into words.
struct LocalAnswer: Hashable {
    /// Each with the space before it; joined they are the text.
    let words: [String]
    /// Whether the limit of tokens cut it.
    let isCut: Bool

    init(to request: ChatRequest, maximumTokens: Int) {
        let all = Self.words(of: Self.text(for: request))
        var bytes = 0
        let fitting = all.prefix { word in
            bytes += word.utf8.count
            return bytes <= maximumTokens * 4
        }
        words = Array(fitting)
        isCut = fitting.count < all.count
    }

    /// More passages than this make no better answer.
    private static let maximumPassages = 3
    /// Characters of a passage; a longer one is cut after a word.
    private static let maximumExcerpt = 600

    private static func text(for request: ChatRequest) -> String {
        guard !request.passages.isEmpty else {
            let question = request.messages.last { $0.role == .user }?.text ?? ""
            return nothingFound(in: request.language) + " " + youAsked(in: request.language)
                + " “\(excerpt(of: question))”"
        }
        let quotes = request.passages.prefix(maximumPassages).map { passage in
            "“\(excerpt(of: passage.text))” (\(passage.document))"
        }
        return ([found(in: request.language)] + quotes).joined(separator: "\n\n")
    }

    private static let found = LocalizedText(
        pt: "Encontrei isto na base de conhecimento:",
        en: "I found this in the knowledge base:"
    )
    private static let nothingFound = LocalizedText(
        pt: "Não encontrei nada sobre isso na base de conhecimento.",
        en: "I found nothing about this in the knowledge base."
    )
    private static let youAsked = LocalizedText(pt: "Você perguntou:", en: "You asked:")

    private static func excerpt(of text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace)
        var excerpt = ""
        var length = 0
        for word in words {
            length += (excerpt.isEmpty ? 0 : 1) + word.count
            guard length <= maximumExcerpt else {
                return excerpt.isEmpty ? "\(word.prefix(maximumExcerpt))…" : "\(excerpt)…"
            }
            if !excerpt.isEmpty { excerpt += " " }
            excerpt += word
        }
        return excerpt
    }

    private static func words(of text: String) -> [String] {
        var words: [String] = []
        var (start, isInSpace) = (text.startIndex, true)
        for index in text.unicodeScalars.indices {
            let isSpace = text.unicodeScalars[index].properties.isWhitespace
            if isSpace, !isInSpace {
                words.append(String(text[start..<index]))
                start = index
            }
            isInSpace = isSpace
        }
        if start < text.endIndex { words.append(String(text[start...])) }
        return words
    }
}
