internal import API
internal import Agents
internal import Analytics
internal import AsyncHTTPClient
internal import Events
internal import Knowledge
internal import LanguageModels
internal import Postgres
internal import Primitives
internal import Redis
internal import ServiceLifecycle
internal import Webhooks

/// The composition root of the server: every part of it, made once and put together on the groundwork.
struct House {
    /// In the order in which they start.
    ///
    /// They end in the reverse order: no request is taken any more, answers finish, live streams end, the HTTP server
    /// closes, and what all of them stand on goes last.
    let services: [any Service]

    /// - Throws: `ConfigurationError`; what Postgres throws if it cannot be reached.
    init(_ groundwork: Groundwork, registry: PrometheusRegistry) async throws {
        let client = HTTPClient(configuration: ProviderTimeouts().clientConfiguration())
        do {
            services = try await Self.services(groundwork, client: client, registry: registry)
        } catch {
            // One that nobody shuts down stops a debug build, before anybody reads why.
            try? await client.shutdown()
            throw error
        }
    }

    private static func services(
        _ groundwork: Groundwork,
        client: HTTPClient,
        registry: PrometheusRegistry
    ) async throws -> [any Service] {
        let (configuration, logger) = (groundwork.configuration, groundwork.logger)
        let (database, worker, wakeUps) = (groundwork.database, groundwork.worker, groundwork.wakeUps)
        let clock = WallClock.system
        let catalogue = try await ModelCatalogue.load(from: database)

        let live = LiveEvents(
            worker: worker,
            database: database,
            limits: StreamLimits(tenant: configuration.limits.tenantStreams, user: configuration.limits.userStreams),
            logger: logger
        )
        let relay = Relay(
            pool: worker,
            consumer: WebhookRelay(wake: wakeUps.wake),
            logger: logger
        ) { wakeUps.wake(.eventsLogged) }
        wakeUps.listen(to: .eventsPending, relay.poke)
        wakeUps.listen(to: .eventsLogged, live.poke)

        let workshop = configuration.jobs.areServed ? try Workshop(groundwork) : nil
        let answers = Answers(groundwork, catalogue, client: client, clock: clock)
        let identity = try Identity(
            groundwork,
            client: client,
            live: live,
            supervisor: answers.supervisor,
            clock: clock
        )
        let drain = DrainSwitch()
        let api = API(
            API.Services(
                chat: answers.chat(identity.directory),
                runs: answers.runs,
                models: answers.models,
                uploads: DocumentUploads(database: database, originals: PostgresOriginalStore(database: database)),
                live: live,
                database: database,
                directory: identity.directory,
                limiter: groundwork.limiter,
                authenticator: identity.authenticator,
                passes: identity.passes,
                webhooks: WebhookEndpointService(
                    outbound: groundwork.outbound,
                    masterKey: groundwork.masterKey,
                    database: database
                ),
                signingKeys: groundwork.signingKeys,
                clerk: identity.clerk,
                status: groundwork.status(registry)
            ),
            API.Configuration(
                allowedOrigins: configuration.corsOrigins,
                webAssetsDirectory: configuration.webAssetsDirectory,
                streamPace: configuration.answers.streamPace,
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
            connections: room(beside: configuration.database),
            clock: clock,
            logger: logger
        )
        return [HTTPClientService(client: client)] + groundwork.services
            + [PartitionKeeper(pool: worker, logger: logger), relay] + identity.services
            + (workshop?.services ?? [])
            + [answers.reaper, http, live, answers.supervisor, DrainService(drain: drain, jobs: workshop?.jobs)]
    }

    /// How many clients there is room for.
    ///
    /// A connection to Postgres has a socket, a pipe, and another socket while it is cancelled; 128 more are for Redis,
    /// providers, documents and what is accepted beyond the limit (a batch of 16).
    private static func room(beside database: Configuration.DatabaseConfiguration) throws -> Int {
        let reserved = 4 * (database.poolSize + database.workerPoolSize + 1) + 128
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
}

/// Closes the client when everything that used it has ended.
private struct HTTPClientService: Service {
    let client: HTTPClient

    func run() async throws {
        try? await gracefulShutdown()
        try await client.shutdown()
    }
}
