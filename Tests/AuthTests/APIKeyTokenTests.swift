@testable internal import Auth
internal import Primitives
internal import Tenancy
internal import Testing

@Suite("The text of an API key")
struct APIKeyTokenTests {
    private static let tenantID = TenantID(clerkOrganizationID: "org_loja")

    @Test("Is 81 characters with the tenant, the prefix and the secret in it, and reads back as it was made")
    func form() throws {
        let token = APIKeyToken(newFor: Self.tenantID)
        let text = token.text.exposed
        #expect(text.wholeMatch(of: /adc_sk_live_[0-9A-Za-z]{69}/) != nil && text.utf8.count == APIKeyToken.length)
        #expect(APIKeyToken.length == 81)
        let read = try APIKeyToken(text)
        #expect(read.tenantID == Self.tenantID && read.prefix == token.prefix && read.digest == token.digest)
        #expect(text.dropFirst(34).hasPrefix(token.prefix) && token.prefix.utf8.count == 8)
        #expect("\(token)".contains(text) == false, "a print shows no secret")
    }

    @Test("Has the tenant's bits as they are, the lowest and the highest too")
    func tenants() throws {
        for id in ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"] {
            let tenantID = try #require(TenantID(id))
            #expect(try APIKeyToken(APIKeyToken(newFor: tenantID).text.exposed).tenantID == tenantID)
        }
        let nobody = APIKeyToken(newFor: .none).text.exposed
        #expect(nobody.hasPrefix("adc_sk_live_0000000000000000000000"))
    }

    @Test("No two are alike, and their random digits are spread evenly")
    func random() {
        let texts = (0..<2000).map { _ in APIKeyToken(newFor: Self.tenantID).text.exposed }
        #expect(Set(texts).count == texts.count)
        let digits = texts.flatMap { $0.utf8.dropFirst(34).prefix(41) }
        let counts = Dictionary(digits.map { ($0, 1) }, uniquingKeysWith: +)
        // 82,000 digits, 1,323 of each expected; six standard deviations are 218.
        #expect(counts.count == 62 && counts.values.allSatisfy { (1105...1541).contains($0) })
    }

    @Test(
        "One character changed, dropped, doubled or exchanged with its neighbour, anywhere, is seen without a look-up"
    )
    func typos() {
        let text = Array(APIKeyToken(newFor: Self.tenantID).text.exposed.utf8)
        let alphabet = Array("09AZaz_ -é".utf8)
        for index in text.indices {
            var wrong = alphabet.filter { $0 != text[index] }.map { replacement in
                var changed = text
                changed[index] = replacement
                return changed
            }
            var shorter = text
            shorter.remove(at: index)
            var longer = text
            longer.insert(text[index], at: index)
            wrong += [shorter, longer]
            if index > 0, text[index] != text[index - 1] {
                var swapped = text
                swapped.swapAt(index, index - 1)
                wrong.append(swapped)
            }
            for bytes in wrong {
                let error = #expect(throws: Fault.self) {
                    try APIKeyToken(String(decoding: bytes, as: UTF8.self))
                }
                #expect(error?.code == .apiKeyMalformed, "character \(index)")
            }
        }
    }

    @Test(
        "What has a right checksum and yet is no key is refused",
        arguments: [
            "adc_sk_live_" + String(repeating: "z", count: 63), "adc_sk_live_" + String(repeating: "é", count: 63),
        ]
    )
    func checksumAlone(body: String) {
        let bytes = Array(body.utf8.prefix(75))
        let checksum = Base62.encode(UInt128(CRC32.checksum(bytes)), length: 6)
        #expect(throws: Fault.self) { try APIKeyToken(String(decoding: bytes + checksum, as: UTF8.self)) }
    }

    @Test("The checksum is CRC-32 as everybody computes it")
    func checksum() {
        // The check value of the catalogue of CRC algorithms, CRC-32/ISO-HDLC.
        #expect(CRC32.checksum("123456789".utf8) == 0xCBF4_3926)
        #expect(CRC32.checksum("".utf8) == 0)
    }

    @Test("Base62 has one spelling for each number of 128 bits")
    func base62() {
        for number in [0, 61, 62, UInt128.max / 2, UInt128.max] {
            let text = Base62.encode(number, length: 22)
            #expect(text.count == 22 && Base62.decode(text) == number)
        }
        #expect(Base62.decode("zzzzzzzzzzzzzzzzzzzzzz".utf8) == nil, "more than 128 bits")
        #expect(Base62.decode("a-b".utf8) == nil)
    }
}
