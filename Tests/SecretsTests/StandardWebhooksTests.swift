internal import Primitives
internal import Secrets
internal import Testing

@Suite("Standard Webhooks")
struct StandardWebhooksTests {
    // The reference libraries' vector.
    private let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    private let time = Timestamp(secondsSinceEpoch: 1_614_265_330)
    private let body = Array(#"{"test": 2432232314}"#.utf8)
    private let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    private let secret: WebhookSecret

    init() throws {
        secret = try WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    }

    private func verify(
        id: String? = "msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp: String? = "1614265330",
        signature: String? = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        body: [UInt8]? = nil,
        secrets: [WebhookSecret]? = nil,
        now: Timestamp? = nil
    ) -> WebhookVerdict {
        let headers = WebhookHeaders(id: id, timestamp: timestamp, signature: signature)
        return StandardWebhooks.verify(headers, body: body ?? self.body, with: secrets ?? [secret], now: now ?? time)
    }

    @Test("The published vector is what we sign and what we accept")
    func vector() {
        let headers = StandardWebhooks.sign(id: id, at: time, body: body, with: [secret])
        #expect(headers == WebhookHeaders(id: id, timestamp: "1614265330", signature: signature))
        #expect(verify() == .accepted(id: id, sentAt: time))
    }

    @Test("The published vector of a key pair is what we sign, beside a secret's, and what we accept")
    func asymmetricVector() throws {
        let pair = try WebhookSigningKey(
            "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="
        )
        let published = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="
        let headers = StandardWebhooks.sign(id: id, at: time, body: body, with: [secret], signingKeys: [pair])
        #expect(headers.signature == "\(signature) \(published)")

        func verdict(_ signature: String, _ keys: [WebhookPublicKey]) -> WebhookVerdict {
            let headers = WebhookHeaders(id: id, timestamp: "1614265330", signature: signature)
            return StandardWebhooks.verify(headers, body: body, with: [], publicKeys: keys, now: time)
        }
        let publicKey = try WebhookPublicKey(pair.publicKey.text)
        #expect(verdict(published, [publicKey]) == .accepted(id: id, sentAt: time))
        let known = [WebhookSigningKey.generate().publicKey, publicKey]
        #expect(verdict("v1,AAAA \(published)", known) == .accepted(id: id, sentAt: time))
        #expect(verdict(published, [WebhookSigningKey.generate().publicKey]) == .refused(.wrongSignature))
        #expect(verdict(published, []) == .refused(.wrongSignature))
        #expect(verdict("v1,\(published.dropFirst(4))", [publicKey]) == .refused(.wrongSignature))
        for changed in flips(of: Array(published.utf8)) {
            #expect(verdict(String(decoding: changed, as: UTF8.self), [publicKey]) == .refused(.wrongSignature))
        }
    }

    @Test("A key pair reads back; what is none, or two halves of different pairs, is refused")
    func keyPairs() throws {
        let (pair, other) = (WebhookSigningKey.generate(), WebhookSigningKey.generate())
        #expect(try WebhookSigningKey(pair.text.exposed).publicKey.text == pair.publicKey.text)
        #expect(pair.publicKey.text != other.publicKey.text)
        #expect(!"\(pair)".contains(pair.text.exposed))
        let halves = try [pair, other].map { pair in
            try #require(Base64.standard.decode(pair.text.exposed.dropFirst(5)))
        }
        let mixed = "whsk_" + Base64.standard.encode(halves[0].prefix(32) + halves[1].suffix(32))
        for text in ["", "whsk_", pair.publicKey.text, mixed, String(pair.text.exposed.dropLast(4))] {
            #expect(throws: SecretsError.malformedWebhookKey) { try WebhookSigningKey(text) }
        }
        for text in ["", "whpk_", pair.text.exposed, String(pair.publicKey.text.dropLast(4)), "whpk_AAAA"] {
            #expect(throws: SecretsError.malformedWebhookKey) { try WebhookPublicKey(text) }
        }
    }

    @Test("Both families of header names carry the same webhook", arguments: WebhookHeaders.Family.allCases)
    func families(family: WebhookHeaders.Family) {
        let signed = StandardWebhooks.sign(id: id, at: time, body: body, with: [secret])
        let fields = Dictionary(uniqueKeysWithValues: signed.fields(family).map { ($0.name, $0.value) })
        #expect(fields["\(family.rawValue)-timestamp"] == "1614265330")
        let received = WebhookHeaders(family) { fields[$0] }
        #expect(
            StandardWebhooks.verify(received, body: body, with: [secret], now: time) == .accepted(id: id, sentAt: time)
        )
        let other = WebhookHeaders(family == .svix ? .standard : .svix) { fields[$0] }
        #expect(StandardWebhooks.verify(other, body: body, with: [secret], now: time) == .refused(.missingID))
    }

    @Test("Any changed byte of body, id, timestamp or signature is refused")
    func tampering() {
        for changed in flips(of: body) + [[], body + [0x20], Array(body.dropLast())] {
            #expect(verify(body: changed) == .refused(.wrongSignature))
        }
        for changed in flips(of: Array(id.utf8)) {
            if case .accepted = verify(id: String(decoding: changed, as: UTF8.self)) { Issue.record("\(changed)") }
        }
        for changed in flips(of: Array("1614265330".utf8)) {
            if case .accepted = verify(timestamp: String(decoding: changed, as: UTF8.self)) {
                Issue.record("\(changed)")
            }
        }
        for changed in flips(of: Array(signature.utf8)) {
            if case .accepted = verify(signature: String(decoding: changed, as: UTF8.self)) {
                Issue.record("\(changed)")
            }
        }
    }

    @Test("Five minutes either way are tolerated, a second more is not")
    func tolerance() {
        for seconds in [-300, -299, 0, 299, 300] {
            #expect(verify(now: time + .seconds(seconds)) == .accepted(id: id, sentAt: time))
        }
        #expect(verify(now: time + .seconds(301)) == .refused(.tooOld))
        #expect(verify(now: time + .seconds(300) + .microseconds(1)) == .refused(.tooOld))
        #expect(verify(now: time - .seconds(301)) == .refused(.tooNew))
    }

    @Test("A missing or blank header is named", arguments: [nil, "", " ", "\t \t"] as [String?])
    func missing(value: String?) {
        #expect(verify(id: value) == .refused(.missingID))
        #expect(verify(timestamp: value) == .refused(.missingTimestamp))
        #expect(verify(signature: value) == .refused(.missingSignature))
    }

    @Test("White space around a header's value does not count")
    func trimming() {
        #expect(
            verify(id: " \(id)\t", timestamp: " 1614265330 ", signature: "\t\(signature) ")
                == .accepted(id: id, sentAt: time)
        )
    }

    @Test(
        "A timestamp is ASCII digits and nothing else",
        arguments: [
            "1614265330abc", "+1614265330", "-1614265330", "1614265330.0", "1 614265330", "0x6037C4B2", "１６１４２６５３３０",
            "999999999999999999999999", "1e9", "NaN",
        ]
    )
    func timestamps(text: String) {
        #expect(verify(timestamp: text) == .refused(.malformedTimestamp))
    }

    @Test("An id with a dot is refused, since it would make the signed bytes ambiguous")
    func dottedID() {
        #expect(verify(id: "msg.1") == .refused(.malformedID))
    }

    @Test("One valid signature among others is enough; unknown versions and broken entries are passed over")
    func severalSignatures() {
        let noise = "v1,AAAA v2,\(signature.dropFirst(3)) v1a,hnO3f9T8 nocomma , v1, v1,=== "
        #expect(verify(signature: "\(noise) \(signature) \(noise)") == .accepted(id: id, sentAt: time))
        #expect(verify(signature: noise) == .refused(.wrongSignature))
        #expect(verify(signature: String(signature.dropFirst(3))) == .refused(.wrongSignature))
        #expect(verify(signature: "V1,\(signature.dropFirst(3))") == .refused(.wrongSignature))
        #expect(verify(signature: String(signature.dropLast())) == .refused(.wrongSignature))
    }

    @Test("While a secret is replaced, old and new both sign and both verify; a third does not")
    func rotation() {
        let new = WebhookSecret.generate()
        let both = StandardWebhooks.sign(id: id, at: time, body: body, with: [secret, new])
        for receiver in [secret, new] {
            let verdict = StandardWebhooks.verify(both, body: body, with: [receiver], now: time)
            #expect(verdict == .accepted(id: id, sentAt: time))
        }
        let third = StandardWebhooks.verify(both, body: body, with: [.generate()], now: time)
        #expect(third == .refused(.wrongSignature))
        #expect(verify(secrets: [new, secret]) == .accepted(id: id, sentAt: time))
        #expect(verify(secrets: []) == .refused(.wrongSignature))
    }

    @Test(
        "A secret is whsec_ and the base64 of 24 to 64 bytes",
        arguments: [
            "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
            "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_" + Base64.standard.encode([UInt8](repeating: 7, count: 23)),
            "whsec_" + Base64.standard.encode([UInt8](repeating: 7, count: 65)),
        ]
    )
    func malformedSecret(text: String) {
        #expect(throws: SecretsError.malformedWebhookSecret) { try WebhookSecret(text) }
    }

    @Test("A generated secret reads back, and does not show itself when printed")
    func generatedSecret() throws {
        let secret = WebhookSecret.generate()
        #expect(try WebhookSecret(secret.text.exposed) == secret)
        #expect(!"\(secret)".contains(secret.text.exposed))
    }
}
