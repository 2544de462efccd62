public import Primitives

/// Where and as whom OpenAI, or a server that speaks its Responses API, is asked.
public struct OpenAIConfiguration: Sendable {
    /// Up to and with the version, no slash at the end: `https://api.openai.com/v1`.
    public var baseURL: String
    public var key: Redacted<String>
    /// Whom to charge, where the key may charge several.
    public var organization: String?
    public var project: String?
    public var timeouts: ProviderTimeouts
    public var retries: RetryPolicy

    public init(
        baseURL: String = "https://api.openai.com/v1",
        key: Redacted<String>,
        organization: String? = nil,
        project: String? = nil,
        timeouts: ProviderTimeouts = ProviderTimeouts(),
        retries: RetryPolicy = RetryPolicy()
    ) {
        self.baseURL = baseURL
        self.key = key
        self.organization = organization
        self.project = project
        self.timeouts = timeouts
        self.retries = retries
    }
}
