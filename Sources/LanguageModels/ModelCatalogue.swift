public import Primitives

/// The models that are known, a value that somebody loaded from the table.
public struct ModelCatalogue: Sendable {
    /// In the order in which they were given.
    public let models: [LanguageModel]
    private let byID: [String: LanguageModel]

    /// - Parameter models: their ids are unique; of two with one id the first stands.
    public init(_ models: [LanguageModel]) {
        self.models = models
        byID = Dictionary(models.map { ($0.id, $0) }) { first, _ in first }
    }

    /// The model of that id, retired or not: what was once answered keeps its name.
    public func model(_ id: String) -> LanguageModel? {
        byID[id]
    }

    /// The models that one can use now.
    ///
    /// - Parameter providers: those that are configured.
    public func available(from providers: Set<ProviderName>, at time: Timestamp) -> [LanguageModel] {
        models.filter { providers.contains($0.provider) && $0.isAvailable(at: time) }
    }
}
