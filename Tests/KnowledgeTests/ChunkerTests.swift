internal import Knowledge
internal import TestSupport
internal import Testing

@Suite("Chunker")
struct ChunkerTests {
    @Test("Every passage knows the headings it stands under")
    func breadcrumbs() {
        let chunks = markdown(
            """
            Antes de tudo.

            # Planos

            ## **Preços** ##

            O plano básico custa R$ 49,90.

            ### Descontos
            10 % à vista.

            ## Prazos
            Cinco dias úteis.

            # Contato
            """
        )
        #expect(
            chunks.map(\.breadcrumb) == [
                "", "Planos > Preços", "Planos > Preços > Descontos", "Planos > Prazos", "Contato",
            ]
        )
        #expect(chunks[1].content.hasPrefix("# Planos"), "a heading goes with what follows it")
        #expect(chunks.map(\.ordinal) == [0, 1, 2, 3, 4])
    }

    @Test("In plain text a line with # is no heading")
    func plain() {
        let chunks = Chunker().chunks(of: ExtractedText(text: "# um\n\n# dois", syntax: .plain))
        #expect(chunks.map(\.content) == ["# um\n\n# dois"])
        #expect(chunks.map(\.breadcrumb) == [""])
    }

    @Test("A heading within fenced code is code, and code that fits is not cut")
    func code() {
        let code = "```sh\n# instale\n\nagentes serve\n```"
        let paragraph = String(repeating: "Palavras e mais palavras. ", count: 50)
        let chunks = markdown("# A\n\n\(paragraph)\n\n\(code)\n\n\(paragraph)")
        #expect(chunks.contains { $0.content.contains(code) })
        #expect(Set(chunks.map(\.breadcrumb)) == ["A"])
    }

    @Test("A table that is too long is cut between its rows")
    func table() {
        let row = "| produto de nome comprido | R$ 1.234,56. Promoção! Só hoje |\n"
        let chunks = markdown(String(repeating: row, count: 100))
        #expect(chunks.count > 3)
        #expect(chunks.allSatisfy { $0.content.hasPrefix("| produto") && $0.content.hasSuffix("hoje |") })
    }

    @Test("Prose that is too long is cut after sentences")
    func sentences() {
        let chunks = markdown(String(repeating: "Esta é uma frase de quarenta letras ou mais. ", count: 100))
        #expect(chunks.count > 2)
        #expect(chunks.allSatisfy { $0.content.hasPrefix("Esta") && $0.content.hasSuffix("mais.") })
    }

    @Test("Passages of a section are about as long as each other")
    func balanced() {
        let chunks = markdown(
            (0..<36).map { "Parágrafo \($0) com umas cinquenta letras ao todo, sim." }
                .joined(separator: "\n\n")
        )
        #expect(chunks.count == 2)
        #expect(chunks.allSatisfy { $0.content.count > 700 })
    }

    @Test("A character is never cut, even where there is no other place")
    func graphemes() {
        let family = "👩‍👩‍👧‍👦"
        let text = String(repeating: family, count: 1000)
        let chunks = markdown(text)
        #expect(chunks.count > 1)
        #expect(chunks.allSatisfy { chunk in chunk.content.allSatisfy { String($0) == family } })
        #expect(chunks.map(\.content).joined() == text)
    }

    @Test("Whatever the text: passages are bounded, in order, and only white space is between them", arguments: 0..<300)
    func covers(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let parts = [
            "a", "palavra", "frase inteira. ", " ", "\n", "\n\n", "# Título\n", "## Sub `x`\n", "```\n", "| a | b |\n",
            "- item\n", "1. item\n", "é", "e\u{301}", "👩‍👩‍👧‍👦", "\t", "\r\n", "\u{A0}", "R$ 1.299,90",
            "longa" + "x".repeated(90),
            "\u{2028}", "#######", "~~~\n",
        ]
        let count = Int.random(in: 0..<400, using: &random)
        let text = (0..<count).map { _ in parts[Int.random(in: parts.indices, using: &random)] }.joined()
        let maximum = Int.random(in: 40..<240, using: &random)
        for syntax in ExtractedText.Syntax.allCases {
            let document = ExtractedText(text: text, syntax: syntax)
            let chunks = Chunker(maximumLength: maximum).chunks(of: document)
            #expect(chunks == Chunker(maximumLength: maximum).chunks(of: document))
            let scalars = Array(text.unicodeScalars)
            var position = 0
            for chunk in chunks {
                let gap = scalars[position..<chunk.range.lowerBound].filter { !$0.properties.isWhitespace }
                #expect(gap.isEmpty)
                #expect(Array(chunk.content.unicodeScalars) == Array(scalars[chunk.range]))
                #expect(chunk.range.count <= maximum && !chunk.range.isEmpty)
                position = chunk.range.upperBound
            }
            let rest = scalars[position...].filter { !$0.properties.isWhitespace }
            #expect(rest.isEmpty)
        }
    }

    private func markdown(_ text: String) -> [Chunk] {
        Chunker().chunks(of: ExtractedText(text: text, syntax: .markdown))
    }
}

extension String {
    fileprivate func repeated(_ count: Int) -> String { String(repeating: self, count: count) }
}
