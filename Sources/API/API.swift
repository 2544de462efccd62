package import Agents
package import Analytics
package import Auth
package import Events
package import Hummingbird
package import Knowledge
package import Primitives
package import Tenancy

/// Everything that answers HTTP: the routes, what stands before them, and the document that describes them.
package struct API: Sendable {
    /// What the routes stand on; made by the composition root.
    package struct Services: Sendable {
        package var agents: AgentService
        package var chat: ChatService
        package var conversations: ConversationService
        package var conversions: ConversionService
        package var runs: RunService
        package var models: AvailableModels
        package var knowledgeBases: KnowledgeBaseService
        package var documents: DocumentService
        package var uploads: DocumentUploads
        package var indexer: DocumentIndexer
        package var search: KnowledgeSearch
        package var reports: AnalyticsReports
        package var live: LiveEvents
        package var database: TenantDatabase
        package var directory: OrganizationDirectory
        package var limiter: RateLimiter
        package var authenticator: Authenticator
        package var apiKeys: APIKeyService
        package var clerk: ClerkWebhookReceiver
        package var status: ServiceStatus

        package init(
            agents: AgentService,
            chat: ChatService,
            conversations: ConversationService,
            conversions: ConversionService,
            runs: RunService,
            models: AvailableModels,
            knowledgeBases: KnowledgeBaseService,
            documents: DocumentService,
            uploads: DocumentUploads,
            indexer: DocumentIndexer,
            search: KnowledgeSearch,
            reports: AnalyticsReports,
            live: LiveEvents,
            database: TenantDatabase,
            directory: OrganizationDirectory,
            limiter: RateLimiter,
            authenticator: Authenticator,
            apiKeys: APIKeyService,
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
            self.indexer = indexer
            self.search = search
            self.reports = reports
            self.live = live
            self.database = database
            self.directory = directory
            self.limiter = limiter
            self.authenticator = authenticator
            self.apiKeys = apiKeys
            self.clerk = clerk
            self.status = status
        }
    }

    package struct Configuration: Sendable {
        package var allowedOrigins: Set<String>
        package var webAssetsDirectory: String
        /// The least time between two writes of a chat stream.
        package var streamPace: Duration
        /// Proxies in front that append to `X-Forwarded-For`.
        package var trustedProxyHops: Int

        package init(
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

    package init(_ services: Services, _ configuration: Configuration, drain: DrainSwitch, clock: WallClock = .system) {
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
                indexer: services.indexer,
                search: services.search
            ).endpoints
            + ConversionRoutes(conversions: services.conversions).endpoints
            + AnalyticsRoutes(reports: services.reports).endpoints
            + EventRoutes(
                live: services.live,
                directory: services.directory,
                reports: services.reports,
                drain: drain,
                clock: clock
            ).endpoints
            + SettingsRoutes(models: services.models, reports: services.reports, clock: clock).endpoints
            + APIKeyRoutes(keys: services.apiKeys, agents: services.agents).endpoints
            + AuditRoutes(database: services.database).endpoints
        let described =
            ServiceRoutes(status: services.status, drain: drain, clock: clock).endpoints
            + ClerkRoutes(receiver: services.clerk).endpoints
        let documentation = { document in
            DocumentationRoutes(document: document, assetsDirectory: configuration.webAssetsDirectory).endpoints
        }
        let operations =
            (described + documentation([])).map(\.operation) + tenantEndpoints.map(\.operation)
        document = OpenAPI(version: services.status.version, operations: operations).document
        openEndpoints = described + documentation(document)
    }

    var operations: [Operation] { openEndpoints.map(\.operation) + tenantEndpoints.map(\.operation) }

    /// Every route, those of tenants behind their middleware.
    func router() -> Router<EdgeContext> {
        let router = Router(context: EdgeContext.self, options: .autoGenerateHeadEndpoints)
        for endpoint in openEndpoints {
            router.on(RouterPath(endpoint.operation.path), method: endpoint.operation.method, use: endpoint.respond)
        }
        for routeClass in RouteClass.allCases {
            let tenants = router.group(context: AuthenticatedContext.self)
                .add(
                    middleware: TenantMiddleware(
                        authenticator: services.authenticator,
                        directory: services.directory,
                        database: services.database,
                        limiter: services.limiter,
                        routeClass: routeClass,
                        allowedOrigins: configuration.allowedOrigins
                    )
                )
                .group(context: TenantRequestContext.self)
            for endpoint in tenantEndpoints where endpoint.operation.routeClass == routeClass {
                let operation = endpoint.operation
                tenants.on(RouterPath(operation.path), method: operation.method, use: endpoint.respond)
            }
        }
        return router
    }

    /// The routes behind everything that stands before them.
    package func responder() -> Edge<RouterResponder<EdgeContext>> {
        Edge(
            router().buildResponder(),
            routes: RouteIndex(operations),
            cors: CORSPolicy(allowedOrigins: configuration.allowedOrigins),
            drain: drain,
            addressGate: AddressGate(limiter: services.limiter, trustedProxyHops: configuration.trustedProxyHops),
            clock: clock
        )
    }
}
