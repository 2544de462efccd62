import Agents
import AsyncHTTPClient
import Auth
import Events
import Knowledge
import LanguageModels
import Logging
import Outbound
import Postgres
import Primitives
import Redis
import Secrets
import Tenancy
import Webhooks

@testable import API

extension API {
    /// The whole API, over services that are connected to nothing: for what it is made of, not for what it answers.
    static func idle() throws -> API {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let pool = PostgresPool(
            configuration: PostgresConfiguration(url: Redacted("postgresql://127.0.0.1:1/none")),
            logger: logger
        )
        let database = TenantDatabase(pool: pool)
        let models = AvailableModels(ModelCatalogue([]), providers: [])
        let originals = PostgresOriginalStore(database: database)
        let supervisor = RunSupervisor(
            database: database,
            worker: pool,
            search: KnowledgeSearch(database: database),
            logger: logger
        )
        let directory = OrganizationDirectory(database: database)
        let revocations = RevocationFeed(worker: pool, logger: logger, listeners: [directory.forget])
        let masterKey = try MasterKey(Base64.standard.encode(SecureRandom.bytes(32)))
        let redis = try RedisClient(configuration: RedisConfiguration(url: "redis://127.0.0.1:1"), logger: logger)
        let services = Services(
            chat: ChatService(database: database, directory: directory, models: models, supervisor: supervisor),
            runs: RunService(database: database, supervisor: supervisor),
            models: models,
            uploads: DocumentUploads(database: database, originals: originals),
            live: LiveEvents(worker: pool, database: database, logger: logger),
            database: database,
            directory: directory,
            limiter: RateLimiter(redis: redis),
            authenticator: Authenticator(
                sessions: ClerkTokenVerifier(
                    policy: SessionTokenPolicy(issuer: "https://clerk.localhost", authorizedParties: []),
                    keys: JWKSProvider(source: .file(path: "/none"), client: .shared, logger: logger)
                ),
                keys: APIKeyVerifier(database: database, uses: APIKeyUses(database: database, logger: logger)),
                tickets: TicketService(database: database)
            ),
            passes: StreamPasses(database: database, logger: logger),
            webhooks: WebhookEndpointService(
                outbound: try OutboundClient(),
                masterKey: masterKey,
                database: database
            ),
            signingKeys: SigningKeys(database: database, masterKey: masterKey),
            clerk: ClerkWebhookReceiver(
                secrets: [],
                organizations: OrganizationSync(
                    database: database,
                    directory: directory,
                    revocations: revocations
                ),
                accounts: AccountSync(worker: pool, revocations: revocations),
                logger: logger
            ),
            status: ServiceStatus(version: "0", metricsToken: nil, metrics: { "" }, dependencies: { [] })
        )
        let configuration = Configuration(
            allowedOrigins: [],
            webAssetsDirectory: "/none",
            streamPace: .zero,
            trustedProxyHops: 0
        )
        return API(services, configuration, drain: DrainSwitch())
    }
}
