/// The part of a passage that answers a query, short enough for a frame of the chat stream.
public enum Excerpt {
    /// Bytes of UTF-8, with the ellipses.
    public static let maximumLength = 500

    /// The stretch of `text` with the most different words of `query`, then the most matches, then the earliest; cut at
    /// words, white space made single, `…` where something was left out.
    ///
    /// A word of more than `limit` bytes is cut between characters.
    public static func make(of text: String, for query: String, limit: Int = maximumLength) -> String {
        let words = text.split(whereSeparator: \.isWhitespace)
        let room = limit - 2 * (ellipsis.utf8.count + 1)
        guard joinedLength(words[...]) > limit else { return words.joined(separator: " ") }
        let range = bestRange(of: words, terms: terms(of: query), room: room)
        var excerpt = words[range].joined(separator: " ")
        while excerpt.utf8.count > room { excerpt.removeLast() }
        if range.lowerBound > 0 { excerpt = ellipsis + " " + excerpt }
        if range.upperBound < words.count { excerpt += " " + ellipsis }
        return excerpt
    }

    private static let ellipsis = "…"

    /// The words of a query that can be found again, normalised.
    ///
    /// Short ones, nearly all of them stop words, are left out unless there are no others.
    private static func terms(of query: String) -> [[Character]] {
        let terms = Set(SearchText.normalise(query).split { !$0.isLetter && !$0.isNumber }).map(Array.init)
        let long = terms.filter { $0.count > 3 }
        return long.isEmpty ? terms : long
    }

    private static func bestRange(of words: [Substring], terms: [[Character]], room: Int) -> Range<Int> {
        let hits = words.map { word in hit(of: SearchText.normalise(String(word)), terms: terms) }
        var best = (range: 0..<1, score: (-1, 0))
        var (start, length) = (0, -1)
        var counts = [Int](repeating: 0, count: terms.count)
        for end in words.indices {
            length += words[end].utf8.count + 1
            if let term = hits[end] { counts[term] += 1 }
            while length > room, start < end {
                length -= words[start].utf8.count + 1
                if let term = hits[start] { counts[term] -= 1 }
                start += 1
            }
            let score = (counts.count { $0 > 0 }, counts.reduce(0, +))
            if score > best.score { best = (start..<(end + 1), score) }
        }
        return centred(best.range, hits: hits, words: words, room: room)
    }

    /// The same matches with as much before the first as after the last, where the text has it.
    private static func centred(_ range: Range<Int>, hits: [Int?], words: [Substring], room: Int) -> Range<Int> {
        let first = range.first { hits[$0] != nil } ?? range.lowerBound
        var (lower, upper) = (first, (range.last { hits[$0] != nil } ?? first) + 1)
        var length = joinedLength(words[lower..<upper])
        var grows = true
        while grows {
            grows = false
            if upper < words.count, length + words[upper].utf8.count + 1 <= room {
                length += words[upper].utf8.count + 1
                upper += 1
                grows = true
            }
            if lower > 0, length + words[lower - 1].utf8.count + 1 <= room {
                lower -= 1
                length += words[lower].utf8.count + 1
                grows = true
            }
        }
        return lower..<upper
    }

    private static func hit(of word: String, terms: [[Character]]) -> Int? {
        let word = word.filter { $0.isLetter || $0.isNumber }
        return terms.firstIndex { term in
            // The stemmer is in Postgres; a shared beginning stands in for it here: `cancelar`, `cancelamento`.
            let shared = zip(term, word).prefix { $0 == $1 }.count
            return (shared == term.count && shared == word.count)
                || (shared >= 4 && shared * 10 >= min(term.count, word.count) * 7)
        }
    }

    private static func joinedLength(_ words: ArraySlice<Substring>) -> Int {
        words.reduce(words.isEmpty ? 0 : words.count - 1) { $0 + $1.utf8.count }
    }
}
