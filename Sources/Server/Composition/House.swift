internal import API
internal import Agents
internal import Analytics
internal import AsyncHTTPClient
internal import Auth
internal import Events
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

/// The composition root of the server: every part of it, made once and put together on the groundwork.
struct House {
    /// In the order in which they start.
    ///
    /// They end in the reverse order: no request is taken any more, answers finish, live streams end, the HTTP server
    /// closes, and what all of them stand on goes last.
    let services: [any Service]

    init(_ groundwork: Groundwork, registry: PrometheusRegistry) async throws {
        let (configuration, logger) = (groundwork.configuration, groundwork.logger)
        let (database, worker, wakeUps) = (groundwork.database, groundwork.worker, groundwork.wakeUps)
        let clock = WallClock.system
        let catalogue = try await ModelCatalogue.load(from: database)
        // After what fails while the database is away: a client that nobody shuts down stops a debug build.
        let httpClient = HTTPClient(configuration: ProviderTimeouts().clientConfiguration())
        let directory = OrganizationDirectory(database: database)
        let models = AvailableModels(
            catalogue,
            providers: Self.providers(configuration, client: httpClient),
            clock: clock
        )

        let live = LiveEvents(
            worker: worker,
            database: database,
            limits: StreamLimits(tenant: configuration.limits.tenantStreams, user: configuration.limits.userStreams),
            logger: logger
        )
        let passes = StreamPasses(database: database, logger: logger)
        let relay = Relay(
            pool: worker,
            consumer: WebhookRelay(wake: wakeUps.wake),
            logger: logger
        ) { wakeUps.wake(.eventsLogged) }
        wakeUps.listen(to: .eventsPending, relay.poke)
        wakeUps.listen(to: .eventsLogged, live.poke)

        let originals = PostgresOriginalStore(database: database)

        var runConfiguration = RunConfiguration()
        runConfiguration.drainTimeout = configuration.shutdownGrace
        let supervisor = RunSupervisor(
            database: database,
            worker: worker,
            search: KnowledgeSearch(database: database),
            configuration: runConfiguration,
            clock: clock,
            logger: logger
        )

        let workshop = configuration.servesJobs ? try Workshop(groundwork) : nil

        let keyUses = APIKeyUses(database: database, logger: logger)
        let keyVerifier = APIKeyVerifier(database: database, uses: keyUses, clock: clock)
        let revocationPool = PostgresPool(
            configuration: configuration.database.revocationPool(groundwork.masterKey),
            logger: logger
        )
        let revocations = RevocationFeed(
            worker: revocationPool,
            logger: logger,
            listeners: [directory.forget, keyVerifier.forget, live.close, passes.close, supervisor.stop]
        )

        let drain = DrainSwitch()
        let api = API(
            API.Services(
                chat: ChatService(
                    database: database,
                    directory: directory,
                    models: models,
                    supervisor: supervisor,
                    concurrentAnswers: configuration.limits.concurrentAnswers,
                    clock: clock
                ),
                runs: RunService(database: database, supervisor: supervisor, clock: clock),
                models: models,
                uploads: DocumentUploads(database: database, originals: originals),
                live: live,
                database: database,
                directory: directory,
                limiter: groundwork.limiter,
                authenticator: Authenticator(
                    sessions: try Self.verifier(configuration.clerk, client: httpClient, logger: logger),
                    keys: keyVerifier,
                    tickets: TicketService(database: database)
                ),
                passes: passes,
                webhooks: WebhookEndpointService(
                    outbound: groundwork.outbound,
                    masterKey: groundwork.masterKey,
                    database: database
                ),
                signingKeys: groundwork.signingKeys,
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
                status: groundwork.status(registry)
            ),
            API.Configuration(
                allowedOrigins: configuration.corsOrigins,
                webAssetsDirectory: configuration.webAssetsDirectory,
                streamPace: configuration.streamPace,
                trustedProxyHops: configuration.limits.trustedProxyHops
            ),
            drain: drain,
            clock: clock
        )
        let http = try httpService(
            api.responder(),
            host: configuration.host,
            port: configuration.port,
            // Without a descriptor for the next connection NIO's accept loop would end for good.
            connections: Self.room(beside: configuration.database),
            clock: clock,
            logger: logger
        )
        services =
            [HTTPClientService(client: httpClient)] + groundwork.services + [
                PartitionKeeper(pool: worker, logger: logger),
                relay, revocationPool, revocations, keyUses, passes,
            ] + (workshop?.services ?? []) + [
                RunReaper(database: database, worker: worker, clock: clock, logger: logger), http, live, supervisor,
                DrainService(drain: drain, jobs: workshop?.jobs),
            ]
    }

    /// How many clients there is room for.
    ///
    /// A connection to Postgres has a socket, a pipe, and another socket while it is cancelled; 128 more are for Redis,
    /// providers, documents and what is accepted beyond the limit (a batch of 16).
    private static func room(beside database: Configuration.DatabaseConfiguration) throws -> Int {
        let reserved = 4 * (database.poolSize + max(2, database.poolSize / 4) + 1) + 128
        let limit = DescriptorLimit.raised()
        guard limit >= 2 * reserved else {
            throw ConfigurationError(
                problems: [
                    "DATABASE_POOL_SIZE is too large: of the \(limit) files that this process may open, \(reserved) would be "
                        + "for it; raise the limit (ulimit -n)"
                ]
            )
        }
        return limit - reserved
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
}

/// Closes the client when everything that used it has ended.
private struct HTTPClientService: Service {
    let client: HTTPClient

    func run() async throws {
        try? await gracefulShutdown()
        try await client.shutdown()
    }
}
