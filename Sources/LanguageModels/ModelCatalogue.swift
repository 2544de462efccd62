public import Primitives

/// The models that are known, a value that somebody loaded from the table.
public struct ModelCatalogue: Sendable {
    /// In the order in which they were given.
    public let models: [LanguageModel]

    public init(_ models: [LanguageModel]) {
        self.models = models
    }

    /// The models that one can use now.
    ///
    /// - Parameter providers: those that are configured.
    public func available(from providers: Set<ProviderName>, at time: Timestamp) -> [LanguageModel] {
        models.filter { providers.contains($0.provider) && $0.isAvailable(at: time) }
    }
}
