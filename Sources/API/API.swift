public import Agents
public import Analytics
public import Auth
public import Events
public import Hummingbird
public import Knowledge
public import Primitives
public import Tenancy
public import Webhooks

/// Everything that answers HTTP: the routes, what stands before them, and the document that describes them.
public struct API: Sendable {
    /// What the routes stand on; made by the composition root.
    public struct Services: Sendable {
        public var agents: AgentService
        public var chat: ChatService
        public var conversations: ConversationService
        public var conversions: ConversionService
        public var runs: RunService
        public var models: AvailableModels
        public var knowledgeBases: KnowledgeBaseService
        public var documents: DocumentService
        public var uploads: DocumentUploads
        public var search: KnowledgeSearch
        public var reports: AnalyticsReports
        public var live: LiveEvents
        public var database: TenantDatabase
        public var directory: OrganizationDirectory
        public var limiter: RateLimiter
        public var authenticator: Authenticator
        public var apiKeys: APIKeyService
        public var tickets: TicketService
        public var passes: StreamPasses
        public var webhooks: WebhookEndpointService
        public var webhookDeliveries: WebhookDeliveryService
        public var webhookReplays: WebhookReplayService
        public var signingKeys: SigningKeys
        public var clerk: ClerkWebhookReceiver
        public var status: ServiceStatus

        public init(
            agents: AgentService,
            chat: ChatService,
            conversations: ConversationService,
            conversions: ConversionService,
            runs: RunService,
            models: AvailableModels,
            knowledgeBases: KnowledgeBaseService,
            documents: DocumentService,
            uploads: DocumentUploads,
            search: KnowledgeSearch,
            reports: AnalyticsReports,
            live: LiveEvents,
            database: TenantDatabase,
            directory: OrganizationDirectory,
            limiter: RateLimiter,
            authenticator: Authenticator,
            apiKeys: APIKeyService,
            tickets: TicketService,
            passes: StreamPasses,
            webhooks: WebhookEndpointService,
            webhookDeliveries: WebhookDeliveryService,
            webhookReplays: WebhookReplayService,
            signingKeys: SigningKeys,
            clerk: ClerkWebhookReceiver,
            status: ServiceStatus
        ) {
            self.agents = agents
            self.chat = chat
            self.conversations = conversations
            self.conversions = conversions
            self.runs = runs
            self.models = models
            self.knowledgeBases = knowledgeBases
            self.documents = documents
            self.uploads = uploads
            self.search = search
            self.reports = reports
            self.live = live
            self.database = database
            self.directory = directory
            self.limiter = limiter
            self.authenticator = authenticator
            self.apiKeys = apiKeys
            self.tickets = tickets
            self.passes = passes
            self.webhooks = webhooks
            self.webhookDeliveries = webhookDeliveries
            self.webhookReplays = webhookReplays
            self.signingKeys = signingKeys
            self.clerk = clerk
            self.status = status
        }
    }

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
        tenantEndpoints =
            AgentRoutes(agents: services.agents).endpoints
            + ChatRoutes(chat: services.chat, pace: configuration.streamPace).endpoints
            + ConversationRoutes(conversations: services.conversations, runs: services.runs).endpoints
            + KnowledgeRoutes(
                bases: services.knowledgeBases,
                documents: services.documents,
                uploads: services.uploads,
                search: services.search
            ).endpoints
            + ConversionRoutes(conversions: services.conversions).endpoints
            + AnalyticsRoutes(reports: services.reports).endpoints
            + EventRoutes(
                live: services.live,
                tickets: services.tickets,
                passes: services.passes,
                agents: services.agents,
                directory: services.directory,
                reports: services.reports,
                drain: drain,
                clock: clock
            ).endpoints
            + SettingsRoutes(models: services.models, reports: services.reports, clock: clock).endpoints
            + APIKeyRoutes(keys: services.apiKeys, agents: services.agents).endpoints
            + WebhookRoutes(webhooks: services.webhooks).endpoints
            + WebhookDeliveryRoutes(
                deliveries: services.webhookDeliveries,
                replays: services.webhookReplays
            ).endpoints
            + AuditRoutes(database: services.database).endpoints
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

    private var addressGate: AddressGate {
        AddressGate(limiter: services.limiter, trustedProxyHops: configuration.trustedProxyHops)
    }

    /// Every route: those of tenants behind their middleware, the others behind the count of their callers' addresses.
    func router() -> Router<EdgeContext> {
        let router = Router(context: EdgeContext.self, options: .autoGenerateHeadEndpoints)
        router.add(openEndpoints, behind: addressGate)
        for endpoint in tenantEndpoints {
            let operation = endpoint.operation
            router.group(context: AuthenticatedContext.self)
                .add(
                    middleware: TenantMiddleware(
                        authenticator: services.authenticator,
                        directory: services.directory,
                        database: services.database,
                        limiter: services.limiter,
                        addressGate: addressGate,
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
        let addressGate = AddressGate(limiter: limiter, trustedProxyHops: 0)
        router.add(endpoints, behind: addressGate)
        return Edge(
            router.buildResponder(),
            routes: RouteIndex(endpoints.map(\.operation)),
            cors: CORSPolicy(allowedOrigins: []),
            drain: drain,
            addressGate: addressGate,
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
            addressGate: addressGate,
            clock: clock
        )
    }
}

extension Router<EdgeContext> {
    /// - Parameter addressGate: probes go around it.
    fileprivate func add(_ endpoints: [OpenEndpoint], behind addressGate: AddressGate) {
        let routes = RouteIndex(endpoints.map(\.operation))
        for endpoint in endpoints {
            let isProbe = routes.isProbe(endpoint.operation.path)
            on(RouterPath(endpoint.operation.path), method: endpoint.operation.method) { request, context in
                if !isProbe { try await addressGate.pass(context) }
                return try await endpoint.respond(request, context)
            }
        }
    }
}
