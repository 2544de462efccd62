internal import Auth
internal import Logging
internal import Outbound
internal import Primitives
internal import Redis
internal import Secrets

/// All that the environment says, checked as a whole at start.
struct Configuration: Sendable {
    let environment: Environment
    let host: String
    let port: Int
    let servesJobs: Bool
    let workPort: Int
    let logLevel: Logger.Level
    let shutdownGrace: Duration
    let database: DatabaseConfiguration
    let redisURL: Redacted<String>
    let masterKey: Redacted<String>
    let clerk: ClerkConfiguration
    let corsOrigins: Set<String>
    let metricsToken: Redacted<String>?
    let webAssetsDirectory: String
    let openAI: ProviderConfiguration
    let localProviderPace: Duration
    let streamPace: Duration
    let eventRetention: Duration
    let limits: LimitsConfiguration
    let allowsLoopbackTargets: Bool
    let sentryDSN: Redacted<String>?

    enum Environment: String, Sendable {
        case production, development
    }

    struct DatabaseConfiguration: Sendable {
        /// The administrator's, for `migrate` alone; `serve` exchanges user and password.
        let url: Redacted<String>
        /// Where session state works: no transaction pooler in between.
        let directURL: Redacted<String>?
        let appURL: Redacted<String>?
        let workerURL: Redacted<String>?
        let poolSize: Int
        let usesPreparedStatements: Bool
        let isBehindTransactionPooler: Bool
        let migrationsDirectory: String
    }

    struct ClerkConfiguration: Sendable {
        let issuer: String
        let authorizedParties: Set<String>
        let acceptsMissingAuthorizedParty: Bool
        /// URL, file or PEM.
        let jwks: String
        let webhookSecret: Redacted<String>

        var keySource: JWKSSource? { JWKSSource(setting: jwks) }
    }

    struct ProviderConfiguration: Sendable {
        let apiKey: Redacted<String>?
        let baseURL: String
    }

    /// Requests a minute.
    struct LimitsConfiguration: Sendable {
        let tenant: Int
        let user: Int
        let address: Int
        let failedAuthentication: Int
        let concurrentAnswers: Int
        let tenantStreams: Int
        let userStreams: Int
        let trustedProxyHops: Int
    }

    /// - Throws: `ConfigurationError` with every problem.
    init(environment values: [String: String]) throws {
        var reader = EnvironmentReader(values)
        self.init(from: &reader)
        guard reader.problems.isEmpty else { throw ConfigurationError(problems: reader.problems) }
    }

    static var variables: [EnvironmentReader.Variable] {
        var reader = EnvironmentReader.describing()
        _ = Configuration(from: &reader)
        return reader.variables
    }

    private init(from reader: inout EnvironmentReader) {
        defer { checkForms(&reader) }
        environment = reader.value(
            "ENVIRONMENT",
            default: .production,
            "production or development. Development trusts a local token issuer and has the `agentes dev` commands.",
            mustBe: "production or development"
        ) { Environment(rawValue: $0) }
        host = reader.value("HOST", default: "0.0.0.0", "Address to listen on.", mustBe: "an address") { $0 }
        port = reader.integer("PORT", default: 8000, in: 0...65_535, "TCP port to listen on; 0 takes a free one.")
        servesJobs = reader.boolean(
            "SERVE_JOBS",
            default: true,
            "false has `agentes serve` do no jobs: they wait until an `agentes work` does them."
        )
        workPort = reader.integer(
            "WORK_PORT",
            default: 8001,
            in: 0...65_535,
            "TCP port on which `agentes work` answers /health, /ready and /metrics; 0 takes a free one."
        )
        logLevel = reader.value(
            "LOG_LEVEL",
            default: .info,
            "The least severe level that is logged: trace, debug, info, notice, warning, error, critical.",
            mustBe: "a log level"
        ) { Logger.Level(rawValue: $0) }
        shutdownGrace = .seconds(
            reader.integer(
                "SHUTDOWN_GRACE_SECONDS",
                default: 25,
                in: 0...600,
                "How long running answers may take to finish after SIGTERM; what is not finished then is interrupted."
            )
        )
        database = Self.database(&reader)
        redisURL = Redacted(
            reader.text(
                "REDIS_URL",
                fallback: .required,
                "redis:// or rediss:// URL. Holds limits and caches only; everything in it can be lost."
            ) ?? ""
        )
        masterKey = Redacted(
            reader.text(
                "MASTER_KEY",
                fallback: .required,
                """
                Base64 of at least 32 random bytes (openssl rand -base64 32). The database passwords of our roles and \
                the keys for what is sealed at rest derive from it: losing it loses what is sealed.
                """
            ) ?? ""
        )
        clerk = Self.clerk(&reader, isProduction: environment == .production)
        corsOrigins = Set(
            reader.list(
                "CORS_ORIGINS",
                fallback: .off,
                "Origins, separated by commas, whose pages may call the API from a browser, such as https://app.example.com."
            )
        )
        metricsToken = reader.text(
            "METRICS_TOKEN",
            fallback: .off,
            "Bearer token that reads /metrics from elsewhere; from the machine itself none is needed."
        ).map(Redacted.init)
        webAssetsDirectory = reader.value(
            "WEB_ASSETS",
            default: ".local/web-assets",
            "Folder with Swagger UI and ReDoc, as ops/run puts it there; without it /docs and /redoc answer 503.",
            mustBe: "a folder"
        ) { $0 }
        openAI = ProviderConfiguration(
            apiKey: reader.text(
                "OPENAI_API_KEY",
                fallback: .off,
                "Key for OpenAI's models; without it only the local provider answers."
            ).map(Redacted.init),
            baseURL: reader.value(
                "OPENAI_BASE_URL",
                default: "https://api.openai.com/v1",
                "Base URL of OpenAI or of a server that speaks its Responses API.",
                mustBe: "an http or https URL"
            ) { $0.hasPrefix("http://") || $0.hasPrefix("https://") ? $0 : nil }
        )
        localProviderPace = .milliseconds(
            reader.integer(
                "LOCAL_PROVIDER_PACE_MS",
                default: 15,
                in: 0...10_000,
                "Milliseconds that the local provider takes for a word; 0 in benchmarks."
            )
        )
        streamPace = .milliseconds(
            reader.integer(
                "STREAM_PACE_MS",
                default: 6,
                in: 0...1000,
                """
                Least milliseconds between two writes of a chat stream, so that a burst does not outrun a slow path; 0 \
                in benchmarks.
                """
            )
        )
        eventRetention = .seconds(
            3600
                * reader.integer(
                    "EVENT_RETENTION_HOURS",
                    default: 168,
                    in: 24...8760,
                    """
                    Hours that live events are kept: a dashboard that was away for longer is told of a gap. Webhooks and \
                    figures do not depend on it.
                    """
                )
        )
        limits = LimitsConfiguration(
            tenant: reader.integer(
                "RATE_LIMIT_TENANT",
                default: 600,
                in: 1...10_000_000,
                """
                Reads a minute of one organisation; of writes half as many, of chats a fifth, of uploads a tenth. A \
                plan's own figures stand before these.
                """
            ),
            user: reader.integer(
                "RATE_LIMIT_USER",
                default: 300,
                in: 1...10_000_000,
                "Reads a minute of one user or API key; writes, chats and uploads as above."
            ),
            address: reader.integer(
                "RATE_LIMIT_ADDRESS",
                default: 1200,
                in: 1...10_000_000,
                "Requests a minute of one client address (IPv6: /64), counted before authentication."
            ),
            failedAuthentication: reader.integer(
                "RATE_LIMIT_FAILED_AUTHENTICATION",
                default: 30,
                in: 1...10_000_000,
                "Wrong credentials a minute of one client address; beyond them it is refused, whatever it sends."
            ),
            concurrentAnswers: reader.integer(
                "CONCURRENT_ANSWERS",
                default: 128,
                in: 1...10_000_000,
                "Answers being made at once for one organisation, by all servers together, where its plan does not say."
            ),
            tenantStreams: reader.integer(
                "LIVE_STREAMS_TENANT",
                default: 1000,
                in: 1...10_000_000,
                "Dashboards open at once, at each server, for one organisation; what comes beyond is told to come later."
            ),
            userStreams: reader.integer(
                "LIVE_STREAMS_USER",
                default: 50,
                in: 1...10_000_000,
                "Dashboards open at once, at each server, for one user or API key."
            ),
            trustedProxyHops: reader.integer(
                "TRUSTED_PROXY_HOPS",
                default: 0,
                in: 0...10,
                """
                Proxies in front of the server that append to X-Forwarded-For; 0 believes only the connection. What \
                came through fewer counts by its connection.
                """
            )
        )
        allowsLoopbackTargets = reader.boolean(
            "OUTBOUND_ALLOW_LOOPBACK",
            default: false,
            """
            true lets webhooks go to this machine itself, over http and to any port from 1024 up. For development only: \
            in production it is refused, since every customer could call what listens here.
            """
        )
        sentryDSN = reader.text(
            "SENTRY_DSN",
            fallback: .off,
            "Where Sentry, or a server that speaks its protocol, is told of failures; no personal data is in them."
        ).map(Redacted.init)
        Self.reserved(&reader)
    }

    /// What is read as text and must have a form of its own.
    private func checkForms(_ reader: inout EnvironmentReader) {
        let text = [
            (
                "MASTER_KEY", masterKey.exposed, "base64 of at least 32 bytes",
                (try? MasterKey(masterKey.exposed)) != nil
            ),
            ("REDIS_URL", redisURL.exposed, "a redis:// or rediss:// URL", (try? redis()) != nil),
            (
                "CLERK_JWKS", clerk.jwks, "an https URL, a public key in PEM, or a file with a key set or such a PEM",
                clerk.keySource != nil
            ),
            (
                "CLERK_WEBHOOK_SECRET", clerk.webhookSecret.exposed, "whsec_… of 24 to 64 bytes",
                (try? WebhookSecret(clerk.webhookSecret.exposed)) != nil
            ),
            (
                "SENTRY_DSN", sentryDSN?.exposed ?? "", "https://<key>@<host>/<project>, as Sentry shows it",
                SentryDSN(sentryDSN?.exposed ?? "") != nil
            ),
        ]
        if allowsLoopbackTargets, environment == .production {
            reader.problem("OUTBOUND_ALLOW_LOOPBACK must not be true in production")
        }
        for (name, value, form, isValid) in text where !value.isEmpty && !isValid {
            reader.problem("\(name) must be \(form)")
        }
    }

    var sentry: SentryClient? {
        let origin = SentryOrigin(
            release: "agentes-de-conversao@\(Agentes.version)",
            environment: environment.rawValue
        )
        return sentryDSN.flatMap { SentryDSN($0.exposed) }.map { SentryClient($0, origin: origin) }
    }

    /// Jobs' slots bound how many calls there are; many customers may have one host.
    var outbound: OutboundConfiguration {
        OutboundConfiguration(
            policy: allowsLoopbackTargets ? .development : .production,
            limits: CallLimits(perHost: 128)
        )
    }

    func redis() throws(RedisError) -> RedisConfiguration {
        try RedisConfiguration(url: redisURL.exposed)
    }

    private static func database(_ reader: inout EnvironmentReader) -> DatabaseConfiguration {
        DatabaseConfiguration(
            url: Redacted(
                reader.text(
                    "DATABASE_URL",
                    "SUPABASE_DB_URL",
                    fallback: .required,
                    """
                    postgresql:// URL of the administrator, used as such by `agentes migrate` alone; `serve` connects to \
                    the same server as roles of its own that cannot pass row-level security.
                    """
                ) ?? ""
            ),
            directURL: reader.text(
                "DATABASE_DIRECT_URL",
                fallback: .off,
                "The administrator's URL without a transaction pooler, for `agentes migrate`; unset, DATABASE_URL."
            ).map(Redacted.init),
            appURL: reader.text(
                "DATABASE_APP_URL",
                fallback: .off,
                "URL as agentes_app, where it cannot be DATABASE_URL with user and password exchanged."
            ).map(Redacted.init),
            workerURL: reader.text(
                "DATABASE_WORKER_URL",
                fallback: .off,
                "URL as agentes_worker, where it cannot be DATABASE_URL with user and password exchanged."
            ).map(Redacted.init),
            poolSize: reader.integer(
                "DATABASE_POOL_SIZE",
                default: 8,
                in: 2...500,
                """
                Connections to Postgres for requests, each with a thread; the worker has a quarter as many. Beyond a few \
                for each core of the database more of them wait, and nothing is faster.
                """
            ),
            usesPreparedStatements: reader.boolean(
                "DATABASE_PREPARED_STATEMENTS",
                default: true,
                "false behind a transaction pooler that cannot keep them (PgBouncer before 1.21)."
            ),
            isBehindTransactionPooler: reader.boolean(
                "DATABASE_BEHIND_POOLER",
                default: false,
                """
                true behind a transaction pooler: a cancelled query's connection is then closed, not kept. Let it hold \
                queries for a few seconds only (PgBouncer: query_wait_timeout), or requests wait while Postgres is away.
                """
            ),
            migrationsDirectory: reader.value(
                "MIGRATIONS_DIRECTORY",
                default: "migrations",
                "Folder of the numbered migration files, for `agentes migrate`.",
                mustBe: "a folder"
            ) { $0 }
        )
    }

    private static func clerk(_ reader: inout EnvironmentReader, isProduction: Bool) -> ClerkConfiguration {
        let issuer = reader.text(
            "CLERK_ISSUER",
            fallback: .required,
            "The issuer of session tokens, such as https://clerk.example.com; tokens of another are refused."
        )
        let parties = reader.list(
            "CLERK_AUTHORIZED_PARTIES",
            fallback: .required,
            "Origins, separated by commas, for which session tokens may have been made (claim azp)."
        )
        let acceptsMissingParty = reader.boolean(
            "CLERK_ACCEPT_MISSING_AZP",
            default: false,
            "true accepts tokens without azp, as Clerk's backend API makes them."
        )
        let jwks = reader.text(
            "CLERK_JWKS",
            fallback: .required,
            "Public keys of the issuer: URL of its JWKS, a JWKS file, or one key in PEM (text or file)."
        )
        let secret = reader.text(
            "CLERK_WEBHOOK_SECRET",
            fallback: .required,
            "Signing secret of Clerk's webhook endpoint, whsec_…; events with another signature are refused."
        )
        return ClerkConfiguration(
            issuer: issuer ?? "",
            authorizedParties: Set(parties),
            acceptsMissingAuthorizedParty: acceptsMissingParty,
            jwks: jwks ?? "",
            webhookSecret: Redacted(secret ?? "")
        )
    }

    /// Names that are known and that nothing reads yet.
    private static func reserved(_ reader: inout EnvironmentReader) {
        _ = reader.text("ANTHROPIC_API_KEY", fallback: .off, "Reserved: key for Anthropic's models. Not read yet.")
        _ = reader.text("SUPABASE_URL", fallback: .off, "Reserved for file storage. Not read yet.")
        _ = reader.text("SUPABASE_SERVICE_KEY", fallback: .off, "Reserved for file storage. Not read yet.")
    }
}
