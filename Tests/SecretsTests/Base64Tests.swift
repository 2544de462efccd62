internal import Secrets
internal import Testing

@Suite("Base64")
struct Base64Tests {
    @Test(
        "The vectors of RFC 4648 §10 hold in both directions",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func vectors(text: String, encoded: String) {
        #expect(Base64.standard.encode(text.utf8) == encoded)
        #expect(Base64.standard.decode(encoded) == Array(text.utf8))
        let unpadded = String(encoded.prefix { $0 != "=" })
        #expect(Base64.url.encode(text.utf8) == unpadded)
        #expect(Base64.url.decode(unpadded) == Array(text.utf8))
    }

    @Test("The two alphabets differ in two digits, and each refuses the other's")
    func alphabets() {
        #expect(Base64.standard.encode([0xFB, 0xEF, 0xFF]) == "++//")
        #expect(Base64.url.encode([0xFB, 0xEF, 0xFF]) == "--__")
        #expect(Base64.standard.decode("--__") == nil)
        #expect(Base64.url.decode("++//") == nil)
    }

    @Test("Whatever was encoded decodes to itself", arguments: 0..<200)
    func roundTrip(count: Int) {
        let bytes = SecureRandom.bytes(count)
        #expect(Base64.standard.decode(Base64.standard.encode(bytes)) == bytes)
        #expect(Base64.url.decode(Base64.url.encode(bytes)) == bytes)
    }

    @Test("A text of up to three digits decodes only if encoding gives it back")
    func oneSpelling() {
        // Every text of one to three characters out of digits and what is none.
        let characters = Array("AEQZaz019-_+/= \n.é".unicodeScalars.map(Character.init))
        var texts = [""]
        for _ in 0..<3 {
            texts += texts.flatMap { text in characters.map { text + String($0) } }
        }
        var decoded = 0
        for text in Set(texts) {
            if let bytes = Base64.url.decode(text) {
                decoded += 1
                #expect(Base64.url.encode(bytes) == text)
            }
        }
        #expect(decoded > 100)
    }

    @Test(
        "Standard base64 refuses missing, surplus and misplaced padding, and unused bits that are not zero",
        arguments: [
            "Zg", "Zg=", "Zg===", "Zg====", "=Zg=", "Z===", "====", "Zm9v====", "Zh==", "Zm9=", "Zm 8=", "Zm8=\n",
        ]
    )
    func standardRefuses(text: String) {
        #expect(Base64.standard.decode(text) == nil)
    }

    @Test(
        "Base64url refuses padding, a lone digit, unused bits that are not zero and white space",
        arguments: ["Zg==", "Z", "Zm9vY", "Zh", "Zm9", "Zm8 ", " Zm8", "Zm\n8", "Zm8\0", "Zmé"]
    )
    func urlRefuses(text: String) {
        #expect(Base64.url.decode(text) == nil)
    }
}
