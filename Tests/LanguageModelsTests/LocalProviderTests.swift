internal import Primitives
internal import Testing
@testable internal import LanguageModels

@Suite("The local provider", .timeLimit(.minutes(1)))
struct LocalProviderTests {
    private let provider = LocalProvider(pace: .zero)
    private let model = LanguageModel.example(id: "local", provider: .local, temperature: false, reasoningEffort: nil)
    private let passages = [
        Passage(document: "Planos.md", text: "O plano Pro\n  custa R$ 99,90.", score: 0.9),
        Passage(document: "Troca.md", text: "Troca em 7 dias.", score: 0.4),
    ]

    @Test("answers by quoting the passages, a word at a time, and always the same")
    func quotes() async throws {
        let request = ChatRequest.example(model: model, passages: passages)
        let answer = try await ReadAnswer(provider.stream(request))
        let text = """
            Encontrei isto na base de conhecimento:

            “O plano Pro custa R$ 99,90.” (Planos.md)

            “Troca em 7 dias.” (Troca.md)
            """
        #expect(answer.text == text)
        #expect(answer.events.first == .started(model: "local"))
        #expect(answer.events.count == text.split(whereSeparator: \.isWhitespace).count + 3)
        #expect(answer.usages == [.estimated(for: request, output: text)])
        #expect(answer.finishes == [.stop])
        #expect(try await ReadAnswer(provider.stream(request)).events == answer.events)
    }

    @Test(
        "says that it found nothing, in the request's language, and repeats the question",
        arguments: [
            (
                Language.portuguese,
                "Não encontrei nada sobre isso na base de conhecimento. Você perguntou: “Quanto custa o plano?”"
            ),
            (.english, "I found nothing about this in the knowledge base. You asked: “Quanto custa o plano?”"),
        ]
    )
    func nothing(language: Language, text: String) async throws {
        let request = ChatRequest.example(model: model, language: language)
        #expect(try await ReadAnswer(provider.stream(request)).text == text)
    }

    @Test("keeps to the limit of tokens, and says that it did")
    func limit() async throws {
        let answer = try await ReadAnswer(
            provider.stream(.example(model: model, passages: passages, maximumOutputTokens: 5))
        )
        #expect(answer.text == "Encontrei isto na")
        #expect(answer.finishes == [.length])
        #expect(answer.usages.first?.output == 5)
    }

    @Test("quotes at most three passages, each cut after a word")
    func excerpts() async throws {
        let long = Passage(document: "d", text: String(repeating: "palavra ", count: 200), score: 1)
        let text = try await ReadAnswer(
            provider.stream(.example(model: model, passages: Array(repeating: long, count: 5)))
        ).text
        #expect(text.split(separator: "(d)").count == 3)
        #expect(text.split(separator: "palavra…”").count == 4)
        #expect(text.count < 2000)
    }

    @Test("drops the temperature with a warning")
    func warning() async throws {
        let answer = try await ReadAnswer(provider.stream(.example(model: model, temperature: 1)))
        #expect(answer.events.first == .warning(.temperatureDropped))
    }

    @Test("waits its pace before each word, and not once it is cancelled")
    func pace() async throws {
        let slow = LocalProvider(pace: .seconds(3600))
        let (starts, started) = AsyncStream.makeStream(of: Void.self)
        let reader = Task { [model] in
            for try await event in slow.stream(.example(model: model)) {
                #expect(event == .started(model: "local"))
                started.yield()
            }
        }
        for await _ in starts { break }
        reader.cancel()
        await #expect(throws: CancellationError.self) { try await reader.value }
    }
}
