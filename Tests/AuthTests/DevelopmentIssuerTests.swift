@testable internal import Auth
internal import FoundationEssentials
internal import Primitives
internal import Secrets
internal import Tenancy
internal import Testing

@Suite("Development issuer") struct DevelopmentIssuerTests {
    @Test("Its key and its secret are made once, also when several start together, and are the owner's alone")
    func madeOnce() async throws {
        let directory = URL.temporaryDirectory.appending(path: "issuer-\(UUID().uuidString)")
        let issuers = try await withThrowingTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    try DevelopmentIssuer(directory: directory.path, issuer: "https://i", authorizedParty: "https://p")
                }
            }
            return try await group.reduce(into: [DevelopmentIssuer]()) { $0.append($1) }
        }
        #expect(Set(issuers.map(\.keyID)).count == 1)
        #expect(Set(issuers.map(\.webhookSecret.text.exposed)).count == 1)
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
        #expect(names == ["issuer.pem", "jwks.json", "webhook.secret"])
        for name in ["issuer.pem", "webhook.secret"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: directory.appending(path: name).path)
            #expect("\(attributes[.posixPermissions] ?? 0)" == "\(0o600)")
        }
    }

    @Test("Its tokens have Clerk's shape and live as long as was asked")
    func shape() async throws {
        let claims = TokenFixture.claims()
        #expect(
            Set(claims.members.map(\.name)) == [
                "azp", "exp", "fea", "fva", "iat", "iss", "jti", "nbf", "o", "sid", "sts", "sub", "v",
            ]
        )
        #expect(claims["o"]?["rol"] == "member")
        let token = TokenFixture.issuer.token(for: TokenFixture.session, lifetime: .seconds(12 * 60 * 60))
        let session = try await TokenFixture.verifier().verify(token)
        #expect(session.expiresAt == TokenFixture.now + .seconds(12 * 60 * 60))
    }
}
