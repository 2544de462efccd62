internal import Testing

@testable internal import Secrets

@Suite("Sealed boxes")
struct SealedBoxTests {
    private let master: MasterKey
    private let box: SealedBox

    init() throws {
        master = try MasterKey(Base64.standard.encode(SecureRandom.bytes(32)))
        box = SealedBox(purpose: "provider keys", masterKey: master)
    }

    @Test("AES-256-GCM gives test case 16 of its authors' specification")
    func vector() {
        let key = bytes(hexadecimal: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        let nonce = bytes(hexadecimal: "cafebabefacedbaddecaf888")
        let associated = bytes(hexadecimal: "feedfacedeadbeeffeedfacedeadbeefabaddad2")
        let plaintext = bytes(
            hexadecimal: """
                d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
                1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
                """
        )
        let sealed = bytes(
            hexadecimal: """
                522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa
                8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662
                76fc6ece0f4e1768cddf8853bb2d551b
                """
        )
        #expect(AES256GCM.encrypt(plaintext, key: key, nonce: nonce, associated: associated) == sealed)
        #expect(AES256GCM.decrypt(sealed, key: key, nonce: nonce, associated: associated) == plaintext)
    }

    @Test("What was sealed opens, whatever its length", arguments: [0, 1, 15, 16, 17, 1000])
    func roundTrip(count: Int) throws {
        let secret = SecureRandom.bytes(count)
        let sealed = box.seal(secret, for: "row".utf8)
        #expect(sealed.count == 33 + count)
        #expect(try box.open(sealed, for: "row".utf8) == secret)
    }

    @Test("A secret sealed twice gives two boxes")
    func nonces() {
        #expect(box.seal([1], for: []) != box.seal([1], for: []))
    }

    @Test("A box with any byte changed, added or missing does not open")
    func tampering() {
        let sealed = box.seal("sk-secret".utf8, for: "row".utf8)
        for changed in flips(of: sealed) + (0..<sealed.count).map({ Array(sealed.prefix($0)) }) + [sealed + [0]] {
            #expect(throws: SecretsError.unopenableBox) { try box.open(changed, for: "row".utf8) }
        }
    }

    @Test("A box does not open for another row, another purpose or another master key")
    func otherUse() throws {
        let sealed = box.seal("sk-secret".utf8, for: "row".utf8)
        let otherPurpose = SealedBox(purpose: "webhook secrets", masterKey: master)
        let otherKey = try MasterKey(Base64.standard.encode(SecureRandom.bytes(32)))
        #expect(throws: SecretsError.unopenableBox) { try box.open(sealed, for: "other row".utf8) }
        #expect(throws: SecretsError.unopenableBox) { try otherPurpose.open(sealed, for: "row".utf8) }
        #expect(throws: SecretsError.unopenableBox) {
            try SealedBox(purpose: "provider keys", masterKey: otherKey).open(sealed, for: "row".utf8)
        }
        let rotated = SealedBox(purpose: "provider keys", masterKey: otherKey, previous: [master])
        #expect(try rotated.open(sealed, for: "row".utf8) == Array("sk-secret".utf8))
    }

    @Test("A master key derives a key for each label, always the same")
    func labels() {
        #expect(master.key(for: "a") == master.key(for: "a"))
        #expect(master.key(for: "a") != master.key(for: "b"))
        #expect(master.password(for: "agentes_app").utf8.count == 43)
        #expect(master.password(for: "agentes_app") != master.password(for: "agentes_worker"))
    }

    @Test(
        "A master key is at least 32 bytes in base64",
        arguments: [
            "", "secret", Base64.standard.encode([UInt8](repeating: 1, count: 31)),
            "not base64 not base64 not base64 not base64!",
        ]
    )
    func malformedMasterKey(text: String) {
        #expect(throws: SecretsError.malformedMasterKey) { try MasterKey(text) }
    }

    @Test("A printed master key says nothing")
    func redaction() throws {
        let text = Base64.standard.encode([UInt8](repeating: 42, count: 32))
        var dumped = ""
        dump(try MasterKey(text), to: &dumped)
        #expect(!dumped.contains("42"))
    }
}
