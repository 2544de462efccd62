public import Agents
public import Auth
public import Events
public import Knowledge
public import Tenancy
public import Webhooks

extension API {
    /// What the routes stand on and the composition root makes: what has state, secrets or a life of its own.
    ///
    /// The services that are no more than their statements over ``database`` are made where they are used.
    public struct Services: Sendable {
        public var chat: ChatService
        public var runs: RunService
        public var models: AvailableModels
        public var uploads: DocumentUploads
        public var live: LiveEvents
        public var database: TenantDatabase
        public var directory: OrganizationDirectory
        public var limiter: RateLimiter
        public var authenticator: Authenticator
        public var passes: StreamPasses
        public var webhooks: WebhookEndpointService
        public var signingKeys: SigningKeys
        public var clerk: ClerkWebhookReceiver
        public var status: ServiceStatus

        public init(
            chat: ChatService,
            runs: RunService,
            models: AvailableModels,
            uploads: DocumentUploads,
            live: LiveEvents,
            database: TenantDatabase,
            directory: OrganizationDirectory,
            limiter: RateLimiter,
            authenticator: Authenticator,
            passes: StreamPasses,
            webhooks: WebhookEndpointService,
            signingKeys: SigningKeys,
            clerk: ClerkWebhookReceiver,
            status: ServiceStatus
        ) {
            self.chat = chat
            self.runs = runs
            self.models = models
            self.uploads = uploads
            self.live = live
            self.database = database
            self.directory = directory
            self.limiter = limiter
            self.authenticator = authenticator
            self.passes = passes
            self.webhooks = webhooks
            self.signingKeys = signingKeys
            self.clerk = clerk
            self.status = status
        }
    }
}
