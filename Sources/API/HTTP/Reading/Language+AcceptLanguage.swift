internal import Primitives

extension Language {
    /// The best of our two for an `Accept-Language` (RFC 9110 §12.5.4); pt-BR where it names neither.
    init(acceptLanguage: String?) {
        let ranked = (acceptLanguage ?? "").split(separator: ",").map { range in
            let parts = range.split(separator: ";")
            let quality = parts.dropFirst().first.flatMap { part in
                Double(part.drop { $0 == " " }.dropFirst(2))
            }
            return (tag: parts.first.map { $0.drop { $0 == " " }.lowercased() } ?? "", quality: quality ?? 1)
        }
        let english = ranked.filter { $0.tag.hasPrefix("en") }.map(\.quality).max() ?? 0
        let portuguese = ranked.filter { $0.tag.hasPrefix("pt") }.map(\.quality).max() ?? 0
        self = english > portuguese ? .english : .portuguese
    }
}
