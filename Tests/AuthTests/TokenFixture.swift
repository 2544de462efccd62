internal import AsyncHTTPClient
@testable internal import Auth
internal import FoundationEssentials
internal import Logging
internal import Primitives
internal import Secrets
internal import Synchronization
internal import Tenancy
internal import TestSupport

/// An issuer, a policy that trusts it, and a clock that stands still.
enum TokenFixture {
    static let now = Timestamp(secondsSinceEpoch: 1_795_348_800)
    static let issuerURL = "https://clerk.example.com"
    static let party = "https://app.example.com"
    static let issuer = makeIssuer()
    static let logger = Logger(label: "auth-tests", factory: { _ in SwiftLogNoOpLogHandler() })

    static let policy = SessionTokenPolicy(issuer: issuerURL, authorizedParties: [party])

    static let session = DevelopmentSession(
        userID: "user_ana",
        sessionID: "sess_1",
        organization: DevelopmentSession.Place(
            id: "org_loja",
            slug: "loja",
            role: .member,
            permissions: [.manageAgents, .manageKnowledge, .readAnalytics]
        )
    )

    static func makeIssuer(clock: WallClock = .fixed(now)) -> DevelopmentIssuer {
        let directory = URL.temporaryDirectory.appending(path: "auth-tests-\(UUID().uuidString)")
        return required {
            try DevelopmentIssuer(directory: directory.path, issuer: issuerURL, authorizedParty: party, clock: clock)
        }
    }

    static func verifier(
        policy: SessionTokenPolicy = policy,
        source: JWKSSource = .file(path: issuer.jwksPath),
        at time: Timestamp = now,
        clock: WallClock? = nil
    ) -> ClerkTokenVerifier {
        ClerkTokenVerifier(
            policy: policy,
            keys: JWKSProvider(source: source, client: .shared, logger: logger),
            clock: clock ?? .fixed(time)
        )
    }

    /// The issuer's key, as its key set has it.
    static let publicKey = required {
        try JWKS.parse([UInt8](Data(contentsOf: URL(filePath: issuer.jwksPath))))[issuer.keyID]
    }

    /// The claims of a valid v2 token.
    static func claims(changing changes: [String: JSON?] = [:]) -> JSONObject {
        let token = issuer.token(for: session, lifetime: .seconds(60))
        let payload = required { Base64.url.decode(token.split(separator: ".")[1]) }
        var claims = required { try JSON.parse(payload).root.object }
        for (name, value) in changes {
            guard name.hasPrefix("o.") else {
                claims[name] = value
                continue
            }
            var organization = required { claims["o"]?.object }
            organization[String(name.dropFirst(2))] = value
            claims["o"] = .object(organization)
        }
        return claims
    }

    static func token(changing changes: [String: JSON?] = [:]) -> String {
        issuer.signedToken(claims: claims(changing: changes))
    }
}

extension ClerkTokenVerifier {
    /// The code that the token is refused with; nil for one that is accepted.
    func refusal(of token: String) async -> String? {
        do {
            _ = try await verify(token)
            return nil
        } catch {
            return error.code.rawValue
        }
    }
}

extension ClerkWebhookReceiver {
    /// One that applies to the running test's database, and has the directory told.
    static func connected(
        _ directory: OrganizationDirectory,
        secrets: [WebhookSecret] = [TokenFixture.issuer.webhookSecret],
        at time: Timestamp = TokenFixture.now
    ) throws -> ClerkWebhookReceiver {
        let database = try TestDatabase.current
        let revocations = RevocationFeed(
            worker: database.worker,
            logger: TokenFixture.logger,
            listeners: [directory.forget]
        )
        return ClerkWebhookReceiver(
            secrets: secrets,
            organizations: OrganizationSync(
                database: TenantDatabase(pool: database.app),
                directory: directory,
                revocations: revocations
            ),
            accounts: AccountSync(worker: database.worker, revocations: revocations),
            clock: .fixed(time),
            logger: TokenFixture.logger
        )
    }
}

/// A time that moves only when told.
final class ManualTime: Sendable {
    private let instant = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { instant.withLock { $0 } }

    func advance(by duration: Duration) {
        instant.withLock { $0 += duration }
    }
}

final class Box<Value: Sendable>: Sendable {
    private let stored: Mutex<Value>

    init(_ value: Value) {
        stored = Mutex(value)
    }

    var value: Value {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }

    func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        stored.withLock { body(&$0) }
    }
}

/// What a fixture is made of; without it no test can run.
func required<Value>(_ make: () throws -> Value?) -> Value {
    do {
        guard let value = try make() else { fatalError("a part of a fixture is missing") }
        return value
    } catch {
        fatalError("a part of a fixture could not be made: \(error)")
    }
}
