internal import AsyncHTTPClient
internal import Auth
internal import Logging
internal import Primitives
internal import Tenancy

/// Tokens verified one after the other, by a verifier that remembers only the last one.
struct VerifyBench {
    private let tokens: [String]
    private let verifier: ClerkTokenVerifier

    init(issuerDirectory: String) throws {
        let (issuer, party) = ("https://clerk.localhost", "http://localhost")
        let development = try DevelopmentIssuer(
            directory: issuerDirectory,
            issuer: issuer,
            authorizedParty: party
        )
        tokens = (1...64).map { number in
            let place = DevelopmentSession.Place(
                id: "org_bench",
                slug: "bench",
                role: .admin,
                permissions: [.manageAgents, .manageKnowledge, .readAnalytics]
            )
            let session = DevelopmentSession(userID: "user_\(number)", organization: place)
            return development.token(for: session, lifetime: .seconds(3600))
        }
        verifier = ClerkTokenVerifier(
            policy: SessionTokenPolicy(issuer: issuer, authorizedParties: [party]),
            keys: JWKSProvider(
                source: .file(path: development.jwksPath),
                client: .shared,
                logger: Logger(label: "bench")
            ),
            cacheCapacity: 1
        )
    }

    /// - Returns: verified tokens per second.
    func run(for duration: Duration) async throws -> Double {
        for token in tokens { _ = try await verifier.verify(token) }
        let start = ContinuousClock.now
        var count = 0
        while ContinuousClock.now - start < duration {
            for (index, token) in tokens.enumerated() {
                let session = try await verifier.verify(token)
                guard session.userID == "user_\(index + 1)" else { throw WrongAnswer() }
            }
            count += tokens.count
        }
        return Double(count) / ((ContinuousClock.now - start) / .seconds(1))
    }

    struct WrongAnswer: Error {}
}
