/// Endings of folded Portuguese words (`a`–`z`, no accents), as the stemmer wants them.
enum WordEnding {
    static func restore(_ word: inout [UInt8]) {
        guard word.count >= 2, word.count <= longest else { return }
        if let whole = wholeWords[word] {
            word = whole
            return
        }
        guard let rules = rules[word[word.count - 1]] else { return }
        for rule in rules where word.count >= rule.minimumLength && word.ends(with: rule.ending) {
            word.removeLast(rule.ending.count)
            word += rule.replacement
            return
        }
        if word.isLoanedPlural { word.removeLast() }
    }

    /// Longer runs of letters are no words.
    private static let longest = 40

    private struct Rule {
        let ending: [UInt8]
        let replacement: [UInt8]
        /// Of the whole word, in letters; keeps `mais`, `leis`, `seis` and `dois` as they are.
        let minimumLength: Int

        init(_ ending: String, _ replacement: String, minimumLength: Int = 0) {
            self.ending = Array(ending.utf8)
            self.replacement = Array(replacement.utf8)
            self.minimumLength = minimumLength
        }
    }

    /// By the last letter; the first that fits is taken.
    private static let rules: [UInt8: [Rule]] = Dictionary(
        grouping: [
            Rule("cao", "ção"), Rule("coes", "ção"),
            Rule("oes", "ão"), Rule("aes", "ão"), Rule("aos", "ão"), Rule("ao", "ão"),
            // The stemmer knows these suffixes by their accent: -ância meets -ante, -ível meets -ibilidade.
            Rule("ancias", "ância"), Rule("ancia", "ância"), Rule("encias", "ência"), Rule("encia", "ência"),
            Rule("aveis", "ável"), Rule("avel", "ável"), Rule("iveis", "ível"), Rule("ivel", "ível"),
            Rule("ais", "al", minimumLength: 5), Rule("eis", "el", minimumLength: 5),
            Rule("ois", "ol", minimumLength: 5),
            // A final n is m (`token`, `tokens`), so that English words meet their plural too.
            Rule("ns", "m", minimumLength: 4), Rule("n", "m", minimumLength: 4),
        ],
        by: { $0.ending[$0.ending.count - 1] }
    )

    /// Stop words whose accent tells the stemmer that they are (its list, `portuguese.stop`, without the forms of
    /// `houvéramos` that no one writes), and words that the rules would spoil.
    private static let wholeWords: [[UInt8]: [UInt8]] = {
        let stopWords = [
            "não", "já", "também", "só", "até", "você", "vocês", "estão", "estávamos", "há", "hão", "são", "éramos",
            "será", "serão", "seriam", "tínhamos", "terá", "terão", "houverá", "houverão",
        ]
        let kept = ["ao", "aos", "caos", "depois", "demais", "jamais"]
        let singulars = [
            "maes": "mae", "faceis": "facil", "dificeis": "dificil", "uteis": "util", "inuteis": "inutil",
            "frageis": "fragil", "ageis": "agil", "versateis": "versatil", "perfis": "perfil", "civis": "civil",
        ]
        var words: [[UInt8]: [UInt8]] = [:]
        for word in stopWords { words[folded(word)] = Array(word.utf8) }
        for word in kept { words[Array(word.utf8)] = Array(word.utf8) }
        for (plural, singular) in singulars { words[Array(plural.utf8)] = Array(singular.utf8) }
        return words
    }()

    private static func folded(_ word: String) -> [UInt8] {
        let bases: [Character: Character] = ["ã": "a", "á": "a", "é": "e", "ê": "e", "í": "i", "ó": "o"]
        return Array(String(word.map { bases[$0] ?? $0 }).utf8)
    }
}

extension [UInt8] {
    /// `emails`, `links`: a consonant and s, which no Portuguese plural has.
    fileprivate var isLoanedPlural: Bool {
        guard count >= 4, self[count - 1] == UInt8(ascii: "s") else { return false }
        let before = self[count - 2]
        return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(before) && !"aeiousn".utf8.contains(before)
    }

    fileprivate func ends(with ending: [UInt8]) -> Bool {
        count >= ending.count && self[(count - ending.count)...].elementsEqual(ending)
    }
}
