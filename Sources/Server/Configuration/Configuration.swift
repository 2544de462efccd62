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
    let jobs: JobsConfiguration
    let logLevel: Logger.Level
    let shutdownGrace: Duration
    let database: DatabaseConfiguration
    let redisURL: Redacted<String>
    let masterKey: Redacted<String>
    let clerk: ClerkConfiguration
    let corsOrigins: Set<String>
    let metricsToken: Redacted<String>?
    let webAssetsDirectory: String
    let answers: AnswersConfiguration
    let eventRetention: Duration
    let limits: LimitsConfiguration
    let allowsLoopbackTargets: Bool
    let sentryDSN: Redacted<String>?

    enum Environment: String, Sendable {
        case production, development
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
        jobs = JobsConfiguration(from: &reader)
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
                """
                How long running answers may take to finish after SIGTERM; what is not finished then is interrupted. \
                Whoever kills the process must wait for 10 s more, and for 40 s at least: jobs have 30 s, meanwhile.
                """
            )
        )
        database = DatabaseConfiguration(from: &reader)
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
        clerk = ClerkConfiguration(from: &reader)
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
        answers = AnswersConfiguration(from: &reader)
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
        limits = LimitsConfiguration(from: &reader)
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

    /// Names that are known and that nothing reads yet.
    private static func reserved(_ reader: inout EnvironmentReader) {
        _ = reader.text("ANTHROPIC_API_KEY", fallback: .off, "Reserved: key for Anthropic's models. Not read yet.")
        _ = reader.text("SUPABASE_URL", fallback: .off, "Reserved for file storage. Not read yet.")
        _ = reader.text("SUPABASE_SERVICE_KEY", fallback: .off, "Reserved for file storage. Not read yet.")
    }
}
