internal import Knowledge
internal import Testing

@Suite("Excerpt")
struct ExcerptTests {
    private let filler = String(repeating: "Texto sem relação com nada do que se procura. ", count: 40)

    @Test("A short passage is quoted whole, on one line")
    func short() {
        #expect(Excerpt.make(of: "  Entrega\n em  5 dias. ", for: "entrega") == "Entrega em 5 dias.")
        #expect(Excerpt.make(of: "", for: "entrega") == "")
    }

    @Test("The stretch with the words of the question is chosen, however they are written")
    func densest() {
        let text = filler + "O cancelamento das PROMOÇÕES custa R$ 10. " + filler
        let excerpt = Excerpt.make(of: text, for: "quanto custa cancelar uma promocao?")
        #expect(excerpt.contains("O cancelamento das PROMOÇÕES custa R$ 10."))
        #expect(excerpt.hasPrefix("… ") && excerpt.hasSuffix(" …"))
        #expect((400...500).contains(excerpt.utf8.count))
    }

    @Test("Without a match it is the beginning")
    func noMatch() {
        let excerpt = Excerpt.make(of: filler, for: "xilofone")
        #expect(excerpt.hasPrefix("Texto sem relação"))
        #expect(excerpt.utf8.count <= 500)
    }

    @Test("It never exceeds its limit and never cuts a character", arguments: 20...200)
    func bounded(limit: Int) {
        let emoji = "👩‍👩‍👧‍👦"
        let text = String(repeating: emoji, count: 90) + " ação " + String(repeating: "é", count: 300)
        let excerpt = Excerpt.make(of: text, for: "ação", limit: limit)
        #expect(excerpt.utf8.count <= limit)
        #expect(excerpt.allSatisfy { text.contains($0) || "… ".contains($0) })
    }
}
