public import Primitives

/// A model as the catalogue's table describes it; its prices are in the ledger's price table.
public struct LanguageModel: Hashable, Sendable {
    /// The provider's own name, unique in the catalogue: `gpt-5.4`.
    public let id: String
    public let provider: ProviderName
    public let displayName: String
    /// Tokens of prompt and answer together.
    public let contextWindow: Int
    /// The most tokens that one answer can have, reasoning included.
    public let maximumOutputTokens: Int
    public let capabilities: Capabilities
    public let availableFrom: Timestamp
    /// From when on it is no longer offered; nil while it is.
    public let retiredAt: Timestamp?

    public struct Capabilities: Hashable, Sendable {
        /// Whether it takes `temperature`, together with the `reasoningEffort` below.
        public let temperature: Bool
        public let tools: Bool
        public let vision: Bool
        /// What is sent as the reasoning effort; nil sends none.
        ///
        /// Models from gpt-5.1 on take a temperature only with `none`.
        public let reasoningEffort: String?

        public init(temperature: Bool, tools: Bool, vision: Bool, reasoningEffort: String?) {
            self.temperature = temperature
            self.tools = tools
            self.vision = vision
            self.reasoningEffort = reasoningEffort
        }
    }

    public init(
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

    public func isAvailable(at time: Timestamp) -> Bool {
        availableFrom <= time && retiredAt.map { time < $0 } ?? true
    }
}
