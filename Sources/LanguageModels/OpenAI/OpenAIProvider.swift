public import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
public import Primitives

/// OpenAI's Responses API.
public struct OpenAIProvider: ChatProvider {
    public var name: ProviderName { .openAI }

    let configuration: OpenAIConfiguration
    let client: HTTPClient
    let clock: WallClock
    /// Waits between attempts; tests need not.
    let pause: @Sendable (Duration) async throws -> Void

    /// - Parameter client: made with `ProviderTimeouts.clientConfiguration`; its owner shuts it down.
    public init(_ configuration: OpenAIConfiguration, client: HTTPClient, clock: WallClock = .system) {
        self.init(configuration, client: client, clock: clock, pause: { try await Task.sleep(for: $0) })
    }

    init(
        _ configuration: OpenAIConfiguration,
        client: HTTPClient,
        clock: WallClock = .system,
        pause: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.configuration = configuration
        self.client = client
        self.clock = clock
        self.pause = pause
    }

    public func stream(_ request: ChatRequest) -> ChatStream {
        ChatStream { OpenAIChatSource(provider: self, request: request) }
    }

    /// Sends the request; returns when the head of a response is there.
    func send(_ body: [UInt8]) async throws -> HTTPClientResponse {
        var request = HTTPClientRequest(url: "\(configuration.baseURL)/responses")
        request.method = .POST
        request.headers.add(name: "Authorization", value: "Bearer \(configuration.key.exposed)")
        request.headers.add(name: "Content-Type", value: "application/json")
        request.headers.add(name: "Accept", value: "text/event-stream")
        if let organization = configuration.organization {
            request.headers.add(name: "OpenAI-Organization", value: organization)
        }
        if let project = configuration.project {
            request.headers.add(name: "OpenAI-Project", value: project)
        }
        request.body = .bytes(ByteBuffer(bytes: body))
        return try await client.execute(request, timeout: TimeAmount(configuration.timeouts.responseHead))
    }
}
