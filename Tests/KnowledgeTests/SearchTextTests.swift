internal import Knowledge
internal import Testing

@Suite("Search text")
struct SearchTextTests {
    @Test(
        "However a word is typed, singular and plural, it is one word",
        arguments: [
            ["promoção", "promocao", "PROMOÇÕES", "promocoes", "Promoc\u{327}a\u{303}o"],
            ["cartão", "cartoes", "Cartões", "cartao"],
            ["pão", "pães", "paes", "pao"],
            ["irmão", "irmãos", "irmaos"],
            ["condição", "condições", "condicoes"],
            ["hotel", "hotéis", "hoteis"],
            ["disponível", "disponíveis", "disponiveis"],
            ["viagem", "viagens"], ["token", "tokens"], ["e-mail", "E-MAILS"], ["link", "links"],
            ["útil", "úteis", "uteis"], ["frequência", "frequencias"],
        ]
    )
    func meets(_ forms: [String]) {
        #expect(Set(forms.map(SearchText.normalise)).count == 1, "\(forms.map(SearchText.normalise))")
    }

    @Test("Stop words keep the accent by which the stemmer knows them")
    func stopWords() {
        #expect(SearchText.normalise("Voce nao esta so, AOS ja sao ate") == "você não esta só, aos já são até")
    }

    @Test("Words that only look like plurals stay")
    func keeps() {
        let words = "mais leis seis dois depois caos demais onibus plano sms"
        #expect(SearchText.normalise(words) == words)
        #expect(SearchText.normalise("mães") == "mae")
        #expect(SearchText.normalise("mãe") == "mae")
    }

    @Test("What is no word passes through: numbers, addresses, other scripts")
    func passesThrough() {
        #expect(SearchText.normalise("R$ 1.299,90 — CEP 01310-100!") == "r$ 1.299,90 — cep 01310-100!")
        #expect(SearchText.normalise("Москва 東京 ΑΘΗΝΑ") == "москва 東京 αθηνα")
        #expect(SearchText.normalise("Straße Ødegård Łódź") == "strasse odegard lodz")
        #expect(SearchText.normalise("") == "")
    }

    @Test("Normalising what is normalised changes nothing more")
    func idempotent() {
        let text = "As condições dos cartões: disponíveis em até 10x, tokens, e-mails, mães e pães; frequências úteis."
        let once = SearchText.normalise(text)
        #expect(SearchText.normalise(once) == once)
    }
}
