internal import FoundationEssentials
internal import Secrets
internal import Testing

@Suite("Digests and what is built of them")
struct DigestTests {
    @Test("SHA-256 gives the digests of FIPS 180-2's examples")
    func sha256() {
        #expect(
            SHA256.digest("abc".utf8).hexadecimal
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        )
        #expect(
            SHA256.digest([UInt8]()).hexadecimal == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        #expect(
            SHA256.digest([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)).hexadecimal
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        )
    }

    @Test("A collection in pieces has the digest of the same bytes in one piece")
    func collectionInPieces() {
        let pieces = [[UInt8](repeating: 1, count: 100), [], [2, 3]].joined()
        #expect(SHA256.digest(Array(pieces)) == SHA256.digest(pieces.lazy.map { $0 }))
    }

    @Test("A name-based UUID is the one of RFC 9562, appendix A.4")
    func uuidv5() throws {
        let dns = try #require(UUID(uuidString: "6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
        #expect(
            UUIDv5.make(namespace: dns, name: "www.example.com")
                == UUID(uuidString: "2ed6657d-e927-568b-95e1-2665a8aea6a2")
        )
    }

    @Test("An organisation keeps its tenant id for ever")
    func tenantID() {
        let uuid = UUIDv5.make(namespace: UUIDv5.clerkOrganizations, name: "org_2GIoQhbUpy0hX7B2cVkuTMinXoD")
        #expect(uuid == UUID(uuidString: "45ddbd16-c21d-5cb1-9d42-4c883e4a6675"))
    }

    @Test("HMAC-SHA256 gives the codes of RFC 4231", arguments: HMACVector.rfc4231)
    func hmac(vector: HMACVector) {
        let code = HMACSHA256.code(for: vector.message, key: vector.key)
        #expect(code.prefix(vector.code.count).elementsEqual(vector.code))
    }

    @Test("HMAC-SHA256 takes an empty key and an empty message")
    func emptyHMAC() {
        #expect(
            HMACSHA256.code(for: [UInt8](), key: [UInt8]()).hexadecimal
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        )
    }

    @Test("HKDF-SHA256 gives the keys of RFC 5869, appendix A", arguments: HKDFVector.rfc5869)
    func hkdf(vector: HKDFVector) {
        let key = HKDFSHA256.derive(
            from: vector.key,
            salt: vector.salt,
            info: vector.info,
            count: vector.derived.count
        )
        #expect(key == vector.derived)
    }

    @Test("Constant-time comparison sees every difference, and none in equal bytes")
    func constantTime() {
        let bytes = SecureRandom.bytes(32)
        #expect(ConstantTime.areEqual(bytes, Array(bytes)))
        #expect(ConstantTime.areEqual([UInt8](), [UInt8]()))
        #expect(!ConstantTime.areEqual(bytes, bytes.dropLast()))
        for flipped in flips(of: bytes) { #expect(!ConstantTime.areEqual(bytes, flipped)) }
    }

    @Test("Random bytes are as many as asked and not repeated")
    func random() {
        #expect(SecureRandom.bytes(0).isEmpty)
        #expect(Set((0..<1000).map { _ in SecureRandom.bytes(16) }).count == 1000)
    }
}

struct HMACVector: Sendable {
    let key: [UInt8]
    let message: [UInt8]
    let code: [UInt8]

    init(_ key: [UInt8], _ message: [UInt8], _ code: String) {
        self.key = key
        self.message = message
        self.code = bytes(hexadecimal: code)
    }

    /// Cases 1 to 7; the fifth gives only the first 16 bytes of the code.
    static let rfc4231 = [
        HMACVector(
            [UInt8](repeating: 0x0B, count: 20),
            Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        HMACVector(
            Array("Jefe".utf8),
            Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        HMACVector(
            [UInt8](repeating: 0xAA, count: 20),
            [UInt8](repeating: 0xDD, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        HMACVector(
            Array(1...25),
            [UInt8](repeating: 0xCD, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        HMACVector(
            [UInt8](repeating: 0x0C, count: 20),
            Array("Test With Truncation".utf8),
            "a3b6167473100ee06e0c796c2955552b"
        ),
        HMACVector(
            [UInt8](repeating: 0xAA, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        HMACVector(
            [UInt8](repeating: 0xAA, count: 131),
            Array(
                ("This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.").utf8
            ),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
        ),
    ]
}

struct HKDFVector: Sendable {
    let key: [UInt8]
    let salt: [UInt8]
    let info: [UInt8]
    let derived: [UInt8]

    static let rfc5869 = [
        HKDFVector(
            key: [UInt8](repeating: 0x0B, count: 22),
            salt: Array(0x00...0x0C),
            info: Array(0xF0...0xF9),
            derived: bytes(
                hexadecimal: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
            )
        ),
        HKDFVector(
            key: Array(0x00...0x4F),
            salt: Array(0x60...0xAF),
            info: Array(0xB0...0xFF),
            derived: bytes(
                hexadecimal: """
                    b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09
                    da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87
                    """
            )
        ),
        HKDFVector(
            key: [UInt8](repeating: 0x0B, count: 22),
            salt: [],
            info: [],
            derived: bytes(
                hexadecimal: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
            )
        ),
    ]
}
