internal import Primitives
internal import Testing
@testable internal import LanguageModels

@Suite("The model catalogue")
struct ModelCatalogueTests {
    private let day = Timestamp(secondsSinceEpoch: 86_400)
    private let catalogue = ModelCatalogue([
        .example(id: "local", provider: .local),
        .example(id: "gpt-5.4"),
        .example(id: "gpt-old", retiredAt: Timestamp(secondsSinceEpoch: 86_400)),
        .example(id: "gpt-next", availableFrom: Timestamp(secondsSinceEpoch: 86_401)),
    ])

    @Test("offers what is available at the time from the providers there are, in its order")
    func available() {
        func ids(_ providers: Set<ProviderName>, _ time: Timestamp) -> [String] {
            catalogue.available(from: providers, at: time).map(\.id)
        }
        #expect(ids([.local, .openAI], day) == ["local", "gpt-5.4"])
        #expect(ids([.openAI], day - .microseconds(1)) == ["gpt-5.4", "gpt-old"])
        #expect(ids([.openAI], day + .seconds(1)) == ["gpt-5.4", "gpt-next"])
        #expect(ids([], day).isEmpty)
    }
}
