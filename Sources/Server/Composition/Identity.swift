internal import Agents
internal import AsyncHTTPClient
internal import Auth
internal import Events
internal import Postgres
internal import Primitives
internal import Secrets
internal import ServiceLifecycle
internal import Tenancy

/// Who calls, whether they are let in, and what ends when they no longer are.
struct Identity {
    let directory: OrganizationDirectory
    let authenticator: Authenticator
    let passes: StreamPasses
    /// What Clerk tells of organisations and people.
    let clerk: ClerkWebhookReceiver
    /// In the order in which they start, after those of the groundwork.
    let services: [any Service]

    /// - Parameters:
    ///   - client: what Clerk's keys are fetched with.
    ///   - live: of these, streams end with what is revoked.
    ///   - supervisor: of these, answers do.
    init(
        _ groundwork: Groundwork,
        client: HTTPClient,
        live: LiveEvents,
        supervisor: RunSupervisor,
        clock: WallClock
    ) throws {
        let (database, worker, logger) = (groundwork.database, groundwork.worker, groundwork.logger)
        let settings = groundwork.configuration.clerk
        directory = OrganizationDirectory(database: database)
        passes = StreamPasses(database: database, logger: logger)
        let keyUses = APIKeyUses(database: database, logger: logger)
        let keys = APIKeyVerifier(database: database, uses: keyUses, clock: clock)
        authenticator = Authenticator(
            sessions: try Self.sessions(groundwork, client: client),
            keys: keys,
            tickets: TicketService(database: database)
        )
        let revocationPool = PostgresPool(
            configuration: groundwork.configuration.database.revocationPool(groundwork.masterKey),
            logger: logger
        )
        let revocations = RevocationFeed(
            worker: revocationPool,
            logger: logger,
            listeners: [directory.forget, keys.forget, live.close, passes.close, supervisor.stop]
        )
        clerk = ClerkWebhookReceiver(
            secrets: [try WebhookSecret(settings.webhookSecret.exposed)],
            organizations: OrganizationSync(database: database, directory: directory, revocations: revocations),
            accounts: AccountSync(worker: worker, revocations: revocations),
            clock: clock,
            logger: logger
        )
        services = [revocationPool, revocations, keyUses, passes]
    }

    private static func sessions(_ groundwork: Groundwork, client: HTTPClient) throws -> ClerkTokenVerifier {
        let settings = groundwork.configuration.clerk
        guard let source = settings.keySource else { throw ConfigurationError(problems: ["CLERK_JWKS cannot be read"]) }
        return ClerkTokenVerifier(
            policy: SessionTokenPolicy(
                issuer: settings.issuer,
                authorizedParties: settings.authorizedParties,
                acceptsMissingAuthorizedParty: settings.acceptsMissingAuthorizedParty
            ),
            keys: JWKSProvider(source: source, client: client, logger: groundwork.logger)
        )
    }
}
