public import LanguageModels
public import Primitives

/// The models that agents can use: those of the catalogue that are offered and whose provider is configured.
public struct AvailableModels: Sendable {
    private let catalogue: ModelCatalogue
    private let providers: [ProviderName: any ChatProvider]
    private let clock: WallClock

    public init(_ catalogue: ModelCatalogue, providers: [any ChatProvider], clock: WallClock = .system) {
        self.catalogue = catalogue
        self.providers = Dictionary(providers.map { ($0.name, $0) }) { first, _ in first }
        self.clock = clock
    }

    public var all: [LanguageModel] {
        catalogue.available(from: Set(providers.keys), at: clock.now())
    }

    /// - Throws: `unknown_model`, with the ids that can be used.
    func requireUsable(_ id: String) throws(Fault) {
        let known = all.map(\.id)
        guard known.contains(id) else { throw .unknownModel(id, known: known) }
    }

    /// The model of an agent, and who answers for it.
    /// - Throws: `model_unavailable`.
    func answering(_ id: String) throws(Fault) -> (model: LanguageModel, provider: any ChatProvider) {
        guard let model = all.first(where: { $0.id == id }), let provider = providers[model.provider] else {
            throw .modelUnavailable(id)
        }
        return (model, provider)
    }
}
