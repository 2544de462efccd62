internal import Agents
internal import Analytics
internal import Auth
public import Hummingbird
internal import Knowledge
public import Primitives
public import Tenancy
internal import Webhooks

/// Everything that answers HTTP: the routes, what stands before them, and the document that describes them.
public struct API: Sendable {
    public struct Configuration: Sendable {
        public var allowedOrigins: Set<String>
        public var webAssetsDirectory: String
        /// The least time between two writes of a chat stream.
        public var streamPace: Duration
        /// Proxies in front that append to `X-Forwarded-For`.
        public var trustedProxyHops: Int

        public init(
            allowedOrigins: Set<String>,
            webAssetsDirectory: String,
            streamPace: Duration,
            trustedProxyHops: Int
        ) {
            self.trustedProxyHops = trustedProxyHops
            self.allowedOrigins = allowedOrigins
            self.webAssetsDirectory = webAssetsDirectory
            self.streamPace = streamPace
        }
    }

    private let services: Services
    private let configuration: Configuration
    private let drain: DrainSwitch
    private let clock: WallClock
    let tenantEndpoints: [TenantEndpoint]
    let openEndpoints: [OpenEndpoint]
    /// The OpenAPI document as JSON.
    let document: [UInt8]

    public init(_ services: Services, _ configuration: Configuration, drain: DrainSwitch, clock: WallClock = .system) {
        self.services = services
        self.configuration = configuration
        self.drain = drain
        self.clock = clock
        let (database, models) = (services.database, services.models)
        let agents = AgentService(database: database, models: models, clock: clock)
        let reports = AnalyticsReports(database: database, clock: clock)
        tenantEndpoints =
            AgentRoutes(agents: agents).endpoints
            + ChatRoutes(chat: services.chat, pace: configuration.streamPace).endpoints
            + ConversationRoutes(
                conversations: ConversationService(database: database, clock: clock),
                runs: services.runs
            ).endpoints
            + KnowledgeBaseRoutes(bases: KnowledgeBaseService()).endpoints
            + UploadRoutes(uploads: services.uploads).endpoints
            + DocumentRoutes(documents: DocumentService(), search: KnowledgeSearch(database: database)).endpoints
            + ConversionRoutes(conversions: ConversionService(database: database, clock: clock)).endpoints
            + AnalyticsRoutes(reports: reports).endpoints
            + EventRoutes(
                live: services.live,
                tickets: TicketService(database: database),
                passes: services.passes,
                agents: agents,
                directory: services.directory,
                reports: reports,
                drain: drain,
                clock: clock
            ).endpoints
            + SettingsRoutes(models: models, reports: reports, clock: clock).endpoints
            + APIKeyRoutes(keys: APIKeyService(database: database, clock: clock), agents: agents).endpoints
            + WebhookRoutes(webhooks: services.webhooks).endpoints
            + WebhookDeliveryRoutes(
                deliveries: WebhookDeliveryService(database: database, clock: clock),
                replays: WebhookReplayService(database: database, clock: clock)
            ).endpoints
            + AuditRoutes(database: database).endpoints
        let described =
            ServiceRoutes(status: services.status, drain: drain, clock: clock).endpoints
            + ClerkRoutes(receiver: services.clerk).endpoints
            + WebhookKeyRoutes(keys: services.signingKeys).endpoints
        let documentation = { document in
            DocumentationRoutes(document: document, assetsDirectory: configuration.webAssetsDirectory).endpoints
        }
        let operations =
            (described + documentation([])).map(\.operation) + tenantEndpoints.map(\.operation)
        document = OpenAPI(version: services.status.version, operations: operations).document
        openEndpoints = described + documentation(document)
    }

    var operations: [Operation] { openEndpoints.map(\.operation) + tenantEndpoints.map(\.operation) }

    private var gate: LimitGate {
        LimitGate(limiter: services.limiter, trustedProxyHops: configuration.trustedProxyHops, drain: drain)
    }

    /// Every route: those of tenants behind their middleware, the others behind the count of their callers' addresses.
    func router() -> Router<EdgeContext> {
        let router = Router(context: EdgeContext.self, options: .autoGenerateHeadEndpoints)
        router.add(openEndpoints, behind: gate)
        for endpoint in tenantEndpoints {
            let operation = endpoint.operation
            router.group(context: AuthenticatedContext.self)
                .add(
                    middleware: TenantMiddleware(
                        authenticator: services.authenticator,
                        directory: services.directory,
                        database: services.database,
                        gate: gate,
                        operation: operation,
                        allowedOrigins: configuration.allowedOrigins
                    )
                )
                .group(context: TenantRequestContext.self)
                .on(RouterPath(operation.path), method: operation.method, use: endpoint.respond)
        }
        return router
    }

    /// What a process says of itself, and nothing else: for one that serves no API.
    public static func statusResponder(
        _ status: ServiceStatus,
        limiter: RateLimiter,
        drain: DrainSwitch,
        clock: WallClock = .system
    ) -> Edge<RouterResponder<EdgeContext>> {
        let endpoints = ServiceRoutes(status: status, drain: drain, clock: clock).endpoints
        let router = Router(context: EdgeContext.self, options: .autoGenerateHeadEndpoints)
        let gate = LimitGate(limiter: limiter, trustedProxyHops: 0, drain: drain)
        router.add(endpoints, behind: gate)
        return Edge(
            router.buildResponder(),
            routes: RouteIndex(endpoints.map(\.operation)),
            cors: CORSPolicy(allowedOrigins: []),
            drain: drain,
            gate: gate,
            clock: clock
        )
    }

    /// The routes behind everything that stands before them.
    public func responder() -> Edge<RouterResponder<EdgeContext>> {
        Edge(
            router().buildResponder(),
            routes: RouteIndex(operations),
            cors: CORSPolicy(allowedOrigins: configuration.allowedOrigins),
            drain: drain,
            gate: gate,
            clock: clock
        )
    }
}

extension Router<EdgeContext> {
    /// - Parameter gate: probes go around it.
    fileprivate func add(_ endpoints: [OpenEndpoint], behind gate: LimitGate) {
        let routes = RouteIndex(endpoints.map(\.operation))
        for endpoint in endpoints {
            on(RouterPath(endpoint.operation.path), method: endpoint.operation.method) { request, context in
                // The router knows other spellings of each path: only what is written as in the table is a probe.
                if !routes.isProbe(request.uri.path) { try await gate.pass(context) }
                return try await endpoint.respond(request, context)
            }
        }
    }
}
