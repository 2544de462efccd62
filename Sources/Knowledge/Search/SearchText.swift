/// Text as the index and the query both see it, before Postgres' Portuguese stemmer.
///
/// People type `promocao` and documents say `Promoções`; the stemmer (Snowball) was made for correct spelling and sees
/// three words there. So: lower case, accents removed, then the endings the stemmer needs put back and plurals that it
/// does not know made singular. Measured against `portuguese_stem` with the 91,973 singular–plural pairs among the
/// 270,611 words of Debian's `wbrazilian`:
///
///                                        raw     folded   this
///     unaccented typing meets accented   81 %    100 %    100 %
///     plurals in -ões, -ães, -ãos        55 %      2 %     99 %
///     plurals in -ais, -éis, -óis        18 %      0 %     99 %
///     plurals in -ens, -ins, -ons        0 %       0 %     99 %
///
/// The price: second person plurals (`cancelais`), which nobody writes, no longer meet their verb, and neither do
/// imperfects such as `cancelávamos` (14,000 words in all, most of them archaic). Loan words win: the stemmer leaves
/// `emails`, `uploads`, `tokens` and `plans` as they are, here they meet their singular. English plurals in -oes
/// (`shoes`, `heroes`) no longer meet theirs.
public enum SearchText {
    public static func normalise(_ text: String) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(text.utf8.count + text.utf8.count / 8)
        var word: [UInt8] = []
        for scalar in text.unicodeScalars {
            if scalar.isASCII {
                let byte = UInt8(truncatingIfNeeded: scalar.value)
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"): word.append(byte)
                case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
                default:
                    WordEnding.restore(&word)
                    result += word
                    word.removeAll(keepingCapacity: true)
                    result.append(byte)
                }
            } else if scalar.properties.generalCategory == .nonspacingMark {
                continue
            } else if let base = LatinLetter.base(of: scalar) {
                word += base
            } else if scalar.properties.isAlphabetic {
                word += scalar.properties.lowercaseMapping.utf8
            } else {
                WordEnding.restore(&word)
                result += word
                word.removeAll(keepingCapacity: true)
                result += String(scalar).utf8
            }
        }
        WordEnding.restore(&word)
        result += word
        return String(decoding: result, as: UTF8.self)
    }
}

/// Letters of the Latin alphabets beyond ASCII and what is left of them without their marks.
private enum LatinLetter {
    /// - Returns: the letter in lower case without marks, `ß` and `æ` as two letters; nil for what is no Latin letter.
    static func base(of scalar: Unicode.Scalar) -> [UInt8]? {
        switch scalar.value {
        case 0xC0...0x24F: bases[Int(scalar.value) - 0xC0]
        case 0x1E00...0x1EFF: base(named: scalar)
        default: nil
        }
    }

    private static let bases: [[UInt8]?] = (0xC0...0x24F).map { Unicode.Scalar($0).flatMap(base(named:)) }

    /// Reads the character's name, as in `LATIN SMALL LETTER C WITH CEDILLA`.
    private static func base(named scalar: Unicode.Scalar) -> [UInt8]? {
        switch scalar {
        case "ß", "ẞ": return Array("ss".utf8)
        case "ª": return Array("a".utf8)
        case "º": return Array("o".utf8)
        default: break
        }
        guard let name = scalar.properties.name,
            let letter = ["LATIN SMALL LETTER ", "LATIN CAPITAL LETTER "].first(where: name.hasPrefix)
        else { return nil }
        let base = name.dropFirst(letter.count).split(separator: " ").first ?? ""
        guard base.utf8.count <= 2 else { return nil }
        return Array(base.lowercased().utf8)
    }
}
