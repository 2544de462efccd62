package import Primitives

/// Where and as whom OpenAI, or a server that speaks its Responses API, is asked.
package struct OpenAIConfiguration: Sendable {
    /// Up to and with the version, no slash at the end: `https://api.openai.com/v1`.
    package var baseURL: String
    package var key: Redacted<String>
    /// Whom to charge, where the key may charge several.
    package var organization: String?
    package var project: String?
    package var timeouts: ProviderTimeouts
    package var retries: RetryPolicy

    package init(
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
