internal import Secrets
internal import Testing

@Suite("RSA keys and RS256")
struct RSATests {
    private static let key = Result { try RSAPrivateKey.generate() }

    /// RFC 7515, appendix A.2.
    private static let modulus = """
        ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pC\
        gNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg6\
        65xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRW\
        yuXpoQ
        """
    private static let token = """
        eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV\
        lfQ
        """
    private static let signature = """
        cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t\
        1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12j\
        zDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQG\
        e77Rw
        """

    @Test("The signature of RFC 7515, appendix A.2, verifies under its JWK")
    func published() throws {
        let key = try RSAPublicKey(modulus: Self.modulus, exponent: "AQAB")
        let signature = try #require(Base64.url.decode(Self.signature))
        #expect(key.verifies(signature: signature, of: Self.token.utf8))
        #expect(key.modulus == Self.modulus)
        #expect(key.exponent == "AQAB")
    }

    @Test("A signature with any byte changed, added or missing does not verify, nor does any change of the message")
    func tampering() throws {
        let key = try Self.key.get()
        let message = Array("header.payload".utf8)
        let signature = key.signature(of: message)
        #expect(signature.count == 256)
        #expect(key.publicKey.verifies(signature: signature, of: message))
        for changed in flips(of: signature) + [[], signature + [0], [0] + signature, Array(signature.dropFirst())] {
            #expect(!key.publicKey.verifies(signature: changed, of: message))
        }
        for changed in flips(of: message) + [[], message + [0]] {
            #expect(!key.publicKey.verifies(signature: signature, of: changed))
        }
        #expect(!(try RSAPrivateKey.generate()).publicKey.verifies(signature: signature, of: message))
    }

    @Test("A key survives PEM and JWK")
    func encodings() throws {
        let key = try Self.key.get()
        let signature = try RSAPrivateKey(pem: key.pem).signature(of: "message".utf8)
        let publicKey = key.publicKey
        #expect(key.pem.hasPrefix("-----BEGIN PRIVATE KEY-----"))
        #expect(publicKey.pem.hasPrefix("-----BEGIN PUBLIC KEY-----"))
        #expect(try RSAPublicKey(pem: publicKey.pem).verifies(signature: signature, of: "message".utf8))
        #expect(
            try RSAPublicKey(modulus: publicKey.modulus, exponent: publicKey.exponent)
                .verifies(signature: signature, of: "message".utf8)
        )
    }

    @Test("A PEM of PKCS#1 is the same key as its SPKI")
    func pkcs1() throws {
        #expect(try RSAPublicKey(pem: Fixtures.pkcs1).modulus == RSAPublicKey(pem: Fixtures.spki).modulus)
    }

    @Test("Keys below 2048 bits are refused", arguments: [Fixtures.rsa1024, Fixtures.rsa2047])
    func weak(pem: String) {
        #expect { try RSAPublicKey(pem: pem) } throws: { error in
            guard case SecretsError.unsuitableRSAKeySize(let bits) = error else { return false }
            return bits < 2048
        }
    }

    @Test(
        "What is no public RSA key is refused",
        arguments: [
            "", "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----", Fixtures.ellipticCurve, Fixtures.rsaPSS,
            Fixtures.spki.replacing("MIIB", with: "MIIC"),
        ]
    )
    func malformedPEM(pem: String) {
        #expect(throws: SecretsError.malformedRSAKey) { try RSAPublicKey(pem: pem) }
    }

    @Test("A private key is not taken where a public one belongs, nor the other way round")
    func privateForPublic() throws {
        let key = try Self.key.get()
        #expect(throws: SecretsError.malformedRSAKey) { try RSAPublicKey(pem: key.pem) }
        #expect(throws: SecretsError.malformedRSAKey) { try RSAPrivateKey(pem: key.publicKey.pem) }
        #expect(throws: SecretsError.malformedRSAKey) { try RSAPrivateKey(pem: Fixtures.encryptedPrivateKey) }
    }

    /// Modulus and exponent.
    private static let impossibleNumbers: [(String, String)] = [
        ("", "AQAB"), (modulus, ""), (modulus, "AQ"), (modulus, "Ag"), (modulus, "AAAA"),
        (modulus, "AQABAQABAQABAQAB"), (modulus, "AQAB="), ("\(modulus)==", "AQAB"),
        // Unused bits that are not zero.
        ("\(modulus.dropLast())R", "AQAB"),
        // Even, so not a product of two large primes.
        ("\(modulus.dropLast(2))oA", "AQAB"),
    ]

    @Test("A JWK with impossible numbers is refused", arguments: impossibleNumbers)
    func malformedJWK(modulus: String, exponent: String) {
        #expect(throws: SecretsError.malformedRSAKey) { try RSAPublicKey(modulus: modulus, exponent: exponent) }
    }

    @Test("One key verifies from many tasks at once")
    func concurrency() async throws {
        let key = try Self.key.get()
        let messages = (0..<16).map { Array("message \($0)".utf8) }
        let signatures = messages.map { key.signature(of: $0) }
        let publicKey = key.publicKey
        let wrong = await withTaskGroup { group in
            for worker in 0..<16 {
                group.addTask {
                    (0..<200).count { round in
                        let valid = publicKey.verifies(signature: signatures[worker], of: messages[worker])
                        let invalid = publicKey.verifies(
                            signature: signatures[worker],
                            of: messages[(worker + 1 + round % 15) % 16]
                        )
                        return !valid || invalid
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
    }
}
