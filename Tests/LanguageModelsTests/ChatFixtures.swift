internal import AsyncHTTPClient
internal import NIOPosix
internal import Primitives
internal import Synchronization
internal import TestSupport
internal import Testing
@testable internal import LanguageModels

extension LanguageModel {
    static func example(
        id: String = "gpt-5.4",
        provider: ProviderName = .openAI,
        temperature: Bool = true,
        reasoningEffort: String? = "none",
        availableFrom: Timestamp = Timestamp(secondsSinceEpoch: 0),
        retiredAt: Timestamp? = nil
    ) -> LanguageModel {
        LanguageModel(
            id: id,
            provider: provider,
            displayName: id,
            contextWindow: 1_050_000,
            maximumOutputTokens: 128_000,
            capabilities: Capabilities(
                temperature: temperature,
                tools: true,
                vision: true,
                reasoningEffort: reasoningEffort
            ),
            availableFrom: availableFrom,
            retiredAt: retiredAt
        )
    }
}

extension ChatRequest {
    static func example(
        model: LanguageModel = .example(),
        passages: [Passage] = [],
        context: JSON? = nil,
        messages: [ChatMessage] = [ChatMessage(.user, "Quanto custa o plano?")],
        temperature: Double? = nil,
        maximumOutputTokens: Int = 1024,
        language: Language = .portuguese
    ) -> ChatRequest {
        ChatRequest(
            model: model,
            system: "Você é a Lia.",
            passages: passages,
            context: context,
            messages: messages,
            temperature: temperature,
            maximumOutputTokens: maximumOutputTokens,
            language: language,
            cacheKey: "agent-1",
            safetyIdentifier: "5d41402a"
        )
    }
}

/// A stream read to its end, good or bad.
struct ReadAnswer: Sendable {
    var events: [ChatEvent] = []
    var fault: Fault?

    var text: String {
        events.reduce(into: "") { if case .textDelta(let delta) = $1 { $0 += delta } }
    }

    var usages: [TokenUsage] {
        events.compactMap { if case .usage(let usage) = $0 { usage } else { nil } }
    }

    var finishes: [FinishReason] {
        events.compactMap { if case .finish(let reason) = $0 { reason } else { nil } }
    }

    init(_ stream: ChatStream) async throws {
        do {
            for try await event in stream { events.append(event) }
        } catch let error as Fault {
            fault = error
        }
    }
}

/// The pauses that a provider wanted to make between attempts.
final class Pauses: Sendable {
    private let recorded = Mutex<[Duration]>([])

    var all: [Duration] { recorded.withLock { $0 } }

    func record(_ pause: Duration) {
        recorded.withLock { $0.append(pause) }
    }
}

/// Runs the OpenAI client against a scripted server.
func withOpenAI<Result>(
    _ script: @escaping LocalServer.Script,
    timeouts: ProviderTimeouts = ProviderTimeouts(),
    retries: RetryPolicy = RetryPolicy(),
    pauses: Pauses = Pauses(),
    _ body: (_ provider: OpenAIProvider, _ connections: @escaping @Sendable () -> Int) async throws -> Result
) async throws -> Result {
    try await LocalServer.run(script) { server in
        let client = HTTPClient(
            eventLoopGroup: .singletonMultiThreadedEventLoopGroup,
            configuration: timeouts.clientConfiguration()
        )
        let configuration = OpenAIConfiguration(
            baseURL: "http://127.0.0.1:\(server.port)/v1",
            key: Redacted("sk-secret"),
            organization: "org-1",
            project: "proj-1",
            timeouts: timeouts,
            retries: retries
        )
        let provider = OpenAIProvider(
            configuration,
            client: client,
            clock: .fixed(Timestamp(secondsSinceEpoch: 784_111_770)),
            pause: { pauses.record($0) }
        )
        do {
            let result = try await body(provider) { server.accepted }
            try await client.shutdown()
            return result
        } catch {
            try await client.shutdown()
            throw error
        }
    }
}
