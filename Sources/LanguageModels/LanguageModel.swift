package import Primitives

/// A model as the catalogue's table describes it; its prices are in the ledger's price table.
package struct LanguageModel: Hashable, Sendable {
    /// The provider's own name, unique in the catalogue: `gpt-5.4`.
    package let id: String
    package let provider: ProviderName
    package let displayName: String
    /// Tokens of prompt and answer together.
    package let contextWindow: Int
    /// The most tokens that one answer can have, reasoning included.
    package let maximumOutputTokens: Int
    package let capabilities: Capabilities
    package let availableFrom: Timestamp
    /// From when on it is no longer offered; nil while it is.
    package let retiredAt: Timestamp?

    package struct Capabilities: Hashable, Sendable {
        /// Whether it takes `temperature`, together with the `reasoningEffort` below.
        package let temperature: Bool
        package let tools: Bool
        package let vision: Bool
        /// What is sent as the reasoning effort; nil sends none.
        ///
        /// Models from gpt-5.1 on take a temperature only with `none`.
        package let reasoningEffort: String?

        package init(temperature: Bool, tools: Bool, vision: Bool, reasoningEffort: String?) {
            self.temperature = temperature
            self.tools = tools
            self.vision = vision
            self.reasoningEffort = reasoningEffort
        }
    }

    package init(
        id: String,
        provider: ProviderName,
        displayName: String,
        contextWindow: Int,
        maximumOutputTokens: Int,
        capabilities: Capabilities,
        availableFrom: Timestamp,
        retiredAt: Timestamp? = nil
    ) {
        self.id = id
        self.provider = provider
        self.displayName = displayName
        self.contextWindow = contextWindow
        self.maximumOutputTokens = maximumOutputTokens
        self.capabilities = capabilities
        self.availableFrom = availableFrom
        self.retiredAt = retiredAt
    }

    package func isAvailable(at time: Timestamp) -> Bool {
        availableFrom <= time && retiredAt.map { time < $0 } ?? true
    }
}
