@testable internal import Auth
internal import Primitives
internal import Secrets
internal import Tenancy
internal import Testing

@Suite("Session tokens") struct SessionTokenTests {
    let verifier = TokenFixture.verifier()

    @Test("A valid token gives its principal and organisation")
    func validToken() async throws {
        let token = TokenFixture.issuer.token(for: TokenFixture.session, lifetime: .seconds(60))
        let claim = try await verifier.verify(token).requireOrganization()
        #expect(claim.clerkID == "org_loja")
        #expect(claim.slug == "loja")
        #expect(claim.tenantID == TenantID(clerkOrganizationID: "org_loja"))
        #expect(claim.person.userID == "user_ana")
        #expect(claim.person.sessionID == "sess_1")
        #expect(claim.person.role == .member)
        #expect(claim.person.permissions == [.manageAgents, .manageKnowledge, .readAnalytics])
        // Once more, now from the cache.
        #expect(try await verifier.verify(token).organization == claim)
    }

    @Test("A token is recalled once it was verified, and until it expires")
    func recall() async throws {
        let time = Box(TokenFixture.now)
        let verifier = TokenFixture.verifier(clock: WallClock { time.value })
        let token = TokenFixture.issuer.token(for: TokenFixture.session, lifetime: .seconds(60))
        #expect(verifier.recall(token) == nil)
        let session = try await verifier.verify(token)
        #expect(verifier.recall(token) == session)
        #expect(verifier.recall(token + "A") == nil && verifier.recall("") == nil)
        time.value = TokenFixture.now + .seconds(120)
        #expect(verifier.recall(token) == nil)
    }

    @Test("Version 1 claims give the same session as version 2")
    func versions() async throws {
        let version2 = try await verifier.verify(TokenFixture.token())
        let version1 = TokenFixture.token(changing: [
            "v": JSON?.none, "o": JSON?.none, "fea": JSON?.none, "sts": JSON?.none,
            "org_id": "org_loja", "org_slug": "loja", "org_role": "org:member",
            "org_permissions": ["org:knowledge:manage", "org:analytics:read", "org:agents:manage"],
        ])
        #expect(try await verifier.verify(version1) == version2)
        let withoutPrefix = TokenFixture.token(changing: [
            "v": 1, "o": JSON?.none, "org_id": "org_loja", "org_role": "admin",
        ])
        #expect(try await verifier.verify(withoutPrefix).organization?.person.role == .admin)
    }

    @Test("A session without organisation is verified and gets 403 organization_required")
    func noOrganization() async throws {
        let session = DevelopmentSession(userID: "user_ana", organization: nil)
        let verified = try await verifier.verify(TokenFixture.issuer.token(for: session, lifetime: .seconds(60)))
        let fault = #expect(throws: Fault.self) { try verified.requireOrganization() }
        #expect(fault?.code == .organizationRequired)
        #expect(fault?.code.kind == .forbidden)
    }

    @Test("Unsigned tokens and HS256 with the public key as its secret are refused")
    func algorithms() async {
        let payload = Base64.url.encode(JSON.object(TokenFixture.claims()).encoded)
        let jwks = JWKS.encode(TokenFixture.publicKey, id: TokenFixture.issuer.keyID)
        func unsigned(_ algorithm: String) -> String {
            let header: JSON = [
                "alg": .string(algorithm), "typ": "JWT", "kid": .string(TokenFixture.issuer.keyID),
            ]
            return Base64.url.encode(header.encoded) + "." + payload
        }
        #expect(await verifier.refusal(of: unsigned("none") + ".") == "token_malformed")
        #expect(await verifier.refusal(of: unsigned("none") + ".AAAA") == "token_algorithm_invalid")
        let pem = TokenFixture.publicKey.pem
        for secret in [Array(pem.utf8), Array(pem.dropLast().utf8), jwks] {
            let signed = unsigned("HS256")
            let code = Base64.url.encode(HMACSHA256.code(for: signed.utf8, key: secret))
            #expect(await verifier.refusal(of: signed + "." + code) == "token_algorithm_invalid")
            let disguised = unsigned("RS256")
            let disguisedCode = Base64.url.encode(HMACSHA256.code(for: disguised.utf8, key: secret))
            #expect(await verifier.refusal(of: disguised + "." + disguisedCode) == "token_signature_invalid")
        }
    }

    @Test("A header of another type, category or with critical extensions is refused, even when signed")
    func headers() async {
        let good: [(String, JSON)] = [
            ("alg", "RS256"), ("typ", "JWT"), ("kid", .string(TokenFixture.issuer.keyID)), ("cat", "cl_B7d4PD111AAA"),
        ]
        func refusal(_ name: String, _ value: JSON?) async -> String? {
            var header = JSONObject(good)
            header[name] = value
            let claims = JSON.object(TokenFixture.claims())
            return await verifier.refusal(of: TokenFixture.issuer.signedToken(header: .object(header), claims: claims))
        }
        #expect(await refusal("oiat", 1) == nil)
        #expect(await refusal("cat", nil) == nil)
        #expect(await refusal("cat", "cl_I7d4PD111III") == nil)
        for category: JSON in ["cl_B7d4PD222AAA", "cl_B7d4PD333AAA", "", 1, nil] {
            #expect(await refusal("cat", category) == "token_type_invalid")
        }
        for type: JSON? in ["at+jwt", "application/at+jwt", "jwt", nil, 1] {
            #expect(await refusal("typ", type) == "token_type_invalid")
        }
        for algorithm: JSON? in ["RS384", "RS512", "PS256", "ES256", "none", "rs256", "", nil, 1, ["RS256"]] {
            #expect(await refusal("alg", algorithm) == "token_algorithm_invalid")
        }
        #expect(await refusal("kid", "ins_other") == "token_key_unknown")
        for keyID: JSON? in ["", nil, 1] { #expect(await refusal("kid", keyID) == "token_malformed") }
        #expect(await refusal("crit", ["exp"]) == "token_malformed")
        #expect(await refusal("b64", false) == "token_malformed")
    }

    @Test("A token with any one byte changed is refused")
    func flippedBytes() async {
        let token = Array(TokenFixture.token().utf8)
        var accepted: [Int] = []
        var codes: Set<String> = []
        for position in token.indices {
            for flip: UInt8 in [0x01, 0x02, 0x20, 0x40] {
                var flipped = token
                flipped[position] ^= flip
                guard let code = await verifier.refusal(of: String(decoding: flipped, as: UTF8.self)) else {
                    accepted.append(position)
                    continue
                }
                codes.insert(code)
            }
        }
        #expect(accepted.isEmpty)
        #expect(
            codes.isSubset(of: [
                "token_malformed", "token_type_invalid", "token_algorithm_invalid", "token_key_unknown",
                "token_signature_invalid",
            ])
        )
        #expect(codes.contains("token_signature_invalid"))
    }

    @Test("Cut, extended and padded tokens, and second spellings of the same bytes, are malformed")
    func spelling() async {
        let token = TokenFixture.token()
        let parts = token.split(separator: ".").map(String.init)
        let malformed = [
            "", ".", "..", "...", "a.b.c", parts[0], "\(parts[0]).\(parts[1])", "\(parts[0]).\(parts[1]).",
            "\(token).", "\(token).e30", " \(token)", "\(token) ", "\(token)\n", "\(token)=", "\(token)\0",
            "\(parts[0])=.\(parts[1]).\(parts[2])", "\(parts[0]).\(parts[1])==.\(parts[2])",
            "Bearer \(token)",
        ]
        for spelling in malformed {
            let code = await verifier.refusal(of: spelling)
            #expect(code == "token_malformed", "\(spelling.prefix(40))")
        }
        // 256 bytes of signature leave four unused bits in the last digit: 15 other digits decode to the same bytes.
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let last = digits.firstIndex(of: token.last!)!
        for other in 1...15 {
            let code = await verifier.refusal(of: token.dropLast() + String(digits[last ^ other]))
            #expect(code == "token_malformed")
        }
    }

    @Test("A token over 8 KiB is too large, whatever is in it; one of 8 KiB is looked at")
    func size() async {
        #expect(await verifier.refusal(of: String(repeating: "a", count: 8193)) == "token_too_large")
        #expect(await verifier.refusal(of: String(repeating: "é", count: 4097)) == "token_too_large")
        #expect(await verifier.refusal(of: String(repeating: "a", count: 8192)) == "token_malformed")
        let padded = TokenFixture.token(changing: ["jti": .string(String(repeating: "x", count: 7000))])
        #expect(await verifier.refusal(of: padded) == "token_too_large")
    }
}
