internal import AsyncHTTPClient
@testable internal import Auth
internal import Primitives
internal import Tenancy
internal import Testing

@Suite("Claims of signed tokens") struct SessionClaimsTests {
    let verifier = TokenFixture.verifier()

    private func refusal(_ changes: [String: JSON?]) async -> String? {
        await verifier.refusal(of: TokenFixture.token(changing: changes))
    }

    @Test(
        "Each required claim, when missing, is a refusal",
        arguments: ["exp", "nbf", "iat", "iss", "sub", "o.id", "o.rol"]
    )
    func missing(name: String) async {
        #expect(await refusal([name: JSON?.none]) == "token_claims_invalid")
    }

    @Test("A claim of another JSON type is refused, or changes nobody's principal")
    func mistyped() async throws {
        let expected = try await verifier.verify(TokenFixture.token()).requireOrganization()
        let names = [
            "azp", "exp", "iat", "iss", "nbf", "sid", "sts", "sub", "v", "fea", "o", "o.id", "o.rol", "o.slg",
            "o.per", "o.fpm", "aud", "jti", "fva", "act", "pla",
        ]
        let values: [JSON] = [nil, true, false, 0, 1, 1.5, -1, 1e300, "text", "", [], [1], [:], ["id": 1]]
        let claims = JSON.object(TokenFixture.claims())
        for name in names {
            let original = name.hasPrefix("o.") ? claims["o"]?[String(name.dropFirst(2))] : claims[name]
            for value in values where original?.string == nil || value.string == nil {
                let token = TokenFixture.token(changing: [name: value])
                do {
                    let claim = try await verifier.verify(token).requireOrganization()
                    #expect(claim.person == expected.person, "\(name): \(value)")
                    #expect(claim.tenantID == expected.tenantID, "\(name): \(value)")
                } catch {
                    #expect([.unauthenticated, .forbidden].contains(error.code.kind), "\(name): \(value): \(error)")
                }
            }
        }
        for name in ["exp", "nbf", "iat"] {
            for value: JSON in [nil, true, "1795348800", 1.5, -1, 1e300, [], [:]] {
                #expect(await refusal([name: value]) == "token_claims_invalid", "\(name): \(value)")
            }
        }
    }

    @Test("A token's id is text", arguments: [nil, true, 0, 1.5, [], [:]] as [JSON])
    func mistypedID(value: JSON) async {
        #expect(await refusal(["jti": value]) == "token_claims_invalid")
    }

    @Test("Times count to the second, with five seconds of tolerance")
    func times() async {
        let now = TokenFixture.now.secondsSinceEpoch
        func at(_ offset: Int64) -> JSON { .number(JSONNumber(now + offset)) }
        #expect(await refusal(["exp": at(-4)]) == nil)
        #expect(await refusal(["exp": at(-5)]) == "token_expired")
        #expect(await refusal(["exp": 0]) == "token_expired")
        #expect(await refusal(["nbf": at(5)]) == nil)
        #expect(await refusal(["nbf": at(6)]) == "token_not_yet_valid")
        #expect(await refusal(["iat": at(5)]) == nil)
        #expect(await refusal(["iat": at(6)]) == "token_not_yet_valid")
        #expect(await refusal(["exp": 253_402_300_800]) == "token_claims_invalid")
        #expect(await refusal(["exp": .number(JSONNumber(Int.max))]) == "token_claims_invalid")
    }

    @Test("A token that is in the cache expires all the same")
    func cachedTokenExpires() async throws {
        let time = Box(TokenFixture.now)
        let verifier = ClerkTokenVerifier(
            policy: TokenFixture.policy,
            keys: JWKSProvider(
                source: .file(path: TokenFixture.issuer.jwksPath),
                client: .shared,
                logger: TokenFixture.logger
            ),
            clock: WallClock { time.value }
        )
        let token = TokenFixture.issuer.token(for: TokenFixture.session, lifetime: .seconds(60))
        #expect(await verifier.refusal(of: token) == nil)
        time.value = TokenFixture.now + .seconds(64)
        #expect(await verifier.refusal(of: token) == nil)
        time.value = TokenFixture.now + .seconds(65)
        #expect(await verifier.refusal(of: token) == "token_expired")
    }

    @Test("The issuer must be ours to the letter")
    func issuer() async {
        for issuer in ["https://clerk.example.com/", "http://clerk.example.com", "https://clerk.example.org", "x"] {
            #expect(await refusal(["iss": .string(issuer)]) == "token_issuer_invalid")
        }
    }

    @Test("The authorized party must be there and ours, unless a setting lets it be missing")
    func authorizedParty() async {
        #expect(await refusal(["azp": JSON?.none]) == "token_authorized_party_invalid")
        for party in ["https://evil.example", "https://app.example.com/", "https://app.example.com.evil.example", ""] {
            #expect(await refusal(["azp": .string(party)]) == "token_authorized_party_invalid")
        }
        let lenient = TokenFixture.verifier(
            policy: SessionTokenPolicy(
                issuer: TokenFixture.issuerURL,
                authorizedParties: [TokenFixture.party],
                acceptsMissingAuthorizedParty: true
            )
        )
        #expect(await lenient.refusal(of: TokenFixture.token(changing: ["azp": JSON?.none])) == nil)
        #expect(
            await lenient.refusal(of: TokenFixture.token(changing: ["azp": "https://evil.example"]))
                == "token_authorized_party_invalid"
        )
    }

    @Test("An audience must be absent or ours")
    func audience() async {
        #expect(await refusal(["aud": "agents"]) == "token_audience_invalid")
        let strict = TokenFixture.verifier(
            policy: SessionTokenPolicy(
                issuer: TokenFixture.issuerURL,
                authorizedParties: [TokenFixture.party],
                audience: "agents"
            )
        )
        for audience: JSON in ["agents", ["agents"], ["other", "agents"]] {
            #expect(await strict.refusal(of: TokenFixture.token(changing: ["aud": audience])) == nil)
        }
        #expect(await strict.refusal(of: TokenFixture.token()) == nil)
        for audience: JSON in ["Agents", [], ["other"]] {
            #expect(
                await strict.refusal(of: TokenFixture.token(changing: ["aud": audience])) == "token_audience_invalid"
            )
        }
    }

    @Test("A pending session is signed out, and so is one in a state that we do not know")
    func status() async {
        #expect(await refusal(["sts": JSON?.none]) == nil)
        #expect(await refusal(["sts": "active"]) == nil)
        for status in ["pending", "", "Active", "revoked"] {
            #expect(await refusal(["sts": .string(status)]) == "session_pending")
        }
    }

    @Test("Machines are no people, and versions to come are not guessed")
    func subjectsAndVersions() async {
        for subject in ["mch_1", "svc_1", "user", ""] {
            #expect(await refusal(["sub": .string(subject)]) == "token_claims_invalid")
        }
        for version: JSON in [0, 3, "2", nil] {
            #expect(await refusal(["v": version]) == "token_claims_invalid")
        }
    }

    @Test("Nothing of a token's claims is in the text of its refusal")
    func silence() async {
        let secret = "https://segredo.example"
        do {
            _ = try await verifier.verify(TokenFixture.token(changing: ["azp": .string(secret), "iss": 1]))
            Issue.record("accepted")
        } catch {
            #expect(!error.text.portuguese.contains(secret))
            #expect(!error.debugDescription.contains(secret))
        }
    }
}
