internal import API
internal import Agents
internal import Analytics
internal import AsyncHTTPClient
internal import Auth
internal import Events
internal import Hummingbird
internal import HummingbirdCore
internal import Jobs
internal import Knowledge
internal import LanguageModels
internal import Logging
internal import Postgres
internal import Primitives
internal import Redis
internal import Secrets
internal import ServiceLifecycle
internal import Tenancy
internal import Webhooks

/// The composition root: every part of the server, made once and put together.
struct House {
    /// In the order in which they start.
    ///
    /// They end in the reverse order: no request is taken any more, answers finish, live streams end, the HTTP server
    /// closes, and what all of them stand on goes last.
    let services: [any Service]

    /// - Throws: `ConfigurationError`; what Postgres throws if it cannot be reached or is not migrated; a refusal to serve
    ///   as a role that row-level security does not bind.
    init(_ configuration: Configuration, registry: PrometheusRegistry, logger: Logger) async throws {
        let clock = WallClock.system
        let masterKey = try MasterKey(configuration.masterKey.exposed)
        let app = PostgresPool(configuration: configuration.database.pool(as: .app, masterKey), logger: logger)
        let worker = PostgresPool(configuration: configuration.database.pool(as: .worker, masterKey), logger: logger)
        for role in [PostgresRole.app, .worker] {
            try await Self.requireRowSecurity(configuration.database.pool(as: role, masterKey), logger)
        }
        let redis = try RedisClient(configuration: configuration.redis(), logger: logger)
        let httpClient = HTTPClient(configuration: ProviderTimeouts().clientConfiguration())

        let database = TenantDatabase(pool: app)
        let directory = OrganizationDirectory(database: database)
        let models = AvailableModels(
            try await ModelCatalogue.load(from: database),
            providers: Self.providers(configuration, client: httpClient),
            clock: clock
        )

        let live = LiveEvents(
            worker: worker,
            database: database,
            limits: StreamLimits(tenant: configuration.limits.tenantStreams, user: configuration.limits.userStreams),
            logger: logger
        )
        let tickets = TicketService(database: database)
        let passes = StreamPasses(database: database, logger: logger)
        let reports = AnalyticsReports(database: database, clock: clock)

        let originals = PostgresOriginalStore(database: database)
        let search = KnowledgeSearch(database: database)

        var runConfiguration = RunConfiguration()
        runConfiguration.drainTimeout = configuration.shutdownGrace
        let supervisor = RunSupervisor(
            database: database,
            worker: worker,
            search: search,
            configuration: runConfiguration,
            clock: clock,
            logger: logger
        )

        let workshop = try Workshop(
            configuration,
            masterKey: masterKey,
            app: app,
            worker: worker,
            redis: redis,
            hasWorkers: configuration.servesJobs,
            logger: logger
        )
        let notifier = workshop.notifier
        let deliveries = WebhookRelay { notifier.notify($0) }
        let relay = Relay(pool: worker, consumer: deliveries, logger: logger) { live.poke() }

        let keyUses = APIKeyUses(database: database, logger: logger)
        let keyVerifier = APIKeyVerifier(database: database, uses: keyUses, clock: clock)
        let revocations = RevocationFeed(
            worker: worker,
            logger: logger,
            listeners: [directory.forget, keyVerifier.forget, live.close, passes.close, supervisor.stop]
        )

        let gauges = DependencyGauges(app: app, worker: worker, redis: redis)
        let drain = DrainSwitch()
        let api = API(
            API.Services(
                agents: AgentService(database: database, models: models, clock: clock),
                chat: ChatService(
                    database: database,
                    directory: directory,
                    models: models,
                    supervisor: supervisor,
                    concurrentAnswers: configuration.limits.concurrentAnswers,
                    clock: clock
                ),
                conversations: ConversationService(database: database, clock: clock),
                conversions: ConversionService(database: database, clock: clock),
                runs: RunService(database: database, supervisor: supervisor, clock: clock),
                models: models,
                knowledgeBases: KnowledgeBaseService(),
                documents: DocumentService(),
                uploads: DocumentUploads(database: database, originals: originals) { notifier.notify($0) },
                search: search,
                reports: reports,
                live: live,
                database: database,
                directory: directory,
                limiter: RateLimiter(redis: redis, policies: configuration.limits.policies),
                authenticator: Authenticator(
                    sessions: try Self.verifier(configuration.clerk, client: httpClient, logger: logger),
                    keys: keyVerifier,
                    tickets: tickets
                ),
                apiKeys: APIKeyService(database: database, clock: clock),
                tickets: tickets,
                passes: passes,
                webhooks: WebhookEndpointService(
                    outbound: workshop.outbound,
                    masterKey: masterKey,
                    database: database
                ),
                webhookDeliveries: WebhookDeliveryService(database: database, clock: clock),
                webhookReplays: WebhookReplayService(database: database, clock: clock),
                signingKeys: workshop.signingKeys,
                clerk: ClerkWebhookReceiver(
                    secrets: [try WebhookSecret(configuration.clerk.webhookSecret.exposed)],
                    organizations: OrganizationSync(
                        database: database,
                        directory: directory,
                        revocations: revocations
                    ),
                    accounts: AccountSync(worker: worker, revocations: revocations),
                    logger: logger
                ),
                status: ServiceStatus(
                    version: Agentes.version,
                    metricsToken: configuration.metricsToken,
                    metrics: {
                        gauges.record()
                        return registry.exposition
                    },
                    dependencies: { await Self.dependencies(app: app, redis: redis) }
                )
            ),
            API.Configuration(
                allowedOrigins: configuration.corsOrigins,
                webAssetsDirectory: configuration.webAssetsDirectory,
                streamPace: configuration.streamPace,
                trustedProxyHops: configuration.limits.trustedProxyHops
            ),
            drain: drain
        )
        let http = Self.http(
            api.responder(),
            at: .hostname(configuration.host, port: configuration.port),
            // Without a descriptor for the next connection NIO's accept loop would end for good.
            connections: DescriptorLimit.raised() - Self.reservedDescriptors(configuration.database),
            clock: clock,
            logger: logger
        )
        services =
            [
                HTTPClientService(client: httpClient), app, worker, redis,
                PartitionKeeper(pool: worker, logger: logger),
                relay, revocations, keyUses, passes,
            ] + workshop.services + [
                RunReaper(database: database, worker: worker, clock: clock, logger: logger), http, live,
                supervisor,
                DrainService(drain: drain),
            ]
    }

    /// - Parameter connections: at most so many at a time.
    static func http(
        _ edge: Edge<RouterResponder<EdgeContext>>,
        at address: BindAddress,
        connections: Int,
        clock: WallClock,
        logger: Logger
    ) -> any Service {
        Application(
            responder: edge,
            server: .http1OnEventLoops(
                HTTP1Channel.Configuration(
                    additionalChannelHandlers: [ConnectionGuard(clock: clock)],
                    httpDecoderConfiguration: .init(maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 16 << 10)
                ),
                edge,
                logger: logger
            ),
            configuration: ApplicationConfiguration(
                address: address,
                backlog: 4096,
                availableConnectionsDelegate: MaximumAvailableConnections(connections)
            ),
            onServerRunning: { channel in
                logger.notice("listening", metadata: ["port": "\(channel.localAddress?.port ?? 0)"])
            },
            logger: logger
        )
    }

    /// Through a pool of its own: no pool keeps its deadlines before it runs, and a wrong password must end the start, not
    /// be tried for ever.
    static func requireRowSecurity(_ configuration: PostgresConfiguration, _ logger: Logger) async throws {
        var configuration = configuration
        configuration.poolSize = 1
        try await PostgresPool.running(configuration, logger: logger) { try await $0.requireRowSecurity() }
    }

    /// A connection to Postgres has a socket, a pipe, and another socket while it is cancelled; the rest is for Redis,
    /// providers, documents and what is accepted beyond the limit (a batch of 16).
    private static func reservedDescriptors(_ database: Configuration.DatabaseConfiguration) -> Int {
        4 * (database.poolSize + max(2, database.poolSize / 4)) + 128
    }

    private static func providers(_ configuration: Configuration, client: HTTPClient) -> [any ChatProvider] {
        var providers: [any ChatProvider] = [LocalProvider(pace: configuration.localProviderPace)]
        if let key = configuration.openAI.apiKey {
            let openAI = OpenAIConfiguration(baseURL: configuration.openAI.baseURL, key: key)
            providers.append(OpenAIProvider(openAI, client: client))
        }
        return providers
    }

    private static func verifier(
        _ clerk: Configuration.ClerkConfiguration,
        client: HTTPClient,
        logger: Logger
    ) throws -> ClerkTokenVerifier {
        guard let source = clerk.keySource else { throw ConfigurationError(problems: ["CLERK_JWKS cannot be read"]) }
        return ClerkTokenVerifier(
            policy: SessionTokenPolicy(
                issuer: clerk.issuer,
                authorizedParties: clerk.authorizedParties,
                acceptsMissingAuthorizedParty: clerk.acceptsMissingAuthorizedParty
            ),
            keys: JWKSProvider(source: source, client: client, logger: logger)
        )
    }

    static func dependencies(app: PostgresPool, redis: RedisClient) async -> [ServiceStatus.Dependency] {
        let isDatabaseThere = await app.answers()
        let isRedisThere = if case .connected = redis.standing { true } else { false }
        return [
            .init(name: "postgres", isEssential: true, state: isDatabaseThere ? .ok : .down),
            .init(name: "redis", isEssential: false, state: isRedisThere ? .ok : .down),
        ]
    }
}

extension Configuration.DatabaseConfiguration {
    /// The same server as the administrator's, as one of our roles.
    func pool(as role: PostgresRole, _ masterKey: MasterKey) -> PostgresConfiguration {
        let own = role == .app ? appURL : workerURL
        var pool = PostgresConfiguration(url: own ?? url)
        if own == nil {
            pool.user = role.rawValue
            pool.password = masterKey.password(of: role)
        }
        pool.poolSize = role == .app ? poolSize : max(2, poolSize / 4)
        // Ten seconds above the role's statement_timeout.
        pool.answerTimeout = role == .app ? .seconds(40) : .seconds(310)
        pool.usesPreparedStatements = usesPreparedStatements
        pool.isBehindTransactionPooler = isBehindTransactionPooler
        return pool
    }
}

extension Configuration.LimitsConfiguration {
    var policies: RateLimitPolicies {
        var policies = RateLimitPolicies()
        policies.tenant = RateLimit("tenant", quota: tenant, per: .seconds(60))
        policies.user = RateLimit("user", quota: user, per: .seconds(60))
        policies.address = RateLimit("address", quota: address, per: .seconds(60))
        policies.failedAuthentication = RateLimit(
            "failed-authentication",
            quota: failedAuthentication,
            per: .seconds(60)
        )
        return policies
    }
}

/// Closes the client when everything that used it has ended.
private struct HTTPClientService: Service {
    let client: HTTPClient

    func run() async throws {
        try? await gracefulShutdown()
        try await client.shutdown()
    }
}

/// The first to hear that the server ends: from then on new requests are refused.
struct DrainService: Service {
    let drain: DrainSwitch

    func run() async throws {
        try? await gracefulShutdown()
        drain.begin()
    }
}
