internal import Primitives

/// Answers without a model and without a network, by quoting what the knowledge search found.
///
/// Deterministic: one request has one answer. It stands in for a model where there is no key, so that every path can be
/// tried; whoever asks sees the provider's name, `local`, beside the answer.
public struct LocalProvider: ChatProvider {
    public var name: ProviderName { .local }

    private let pace: Duration

    /// - Parameter pace: between two words; zero, for benchmarks, does not wait at all.
    public init(pace: Duration = .milliseconds(15)) {
        self.pace = pace
    }

    public func stream(_ request: ChatRequest) -> ChatStream {
        let pace = pace
        return ChatStream { LocalChatSource(request: request, pace: pace) }
    }
}

private struct LocalChatSource: ChatEventSource {
    private var events: ArraySlice<ChatEvent>
    private let pace: Duration

    init(request: ChatRequest, pace: Duration) {
        let parameters = AnswerParameters(request)
        let answer = LocalAnswer(to: request, maximumTokens: parameters.maximumOutputTokens)
        var events = parameters.warnings.map(ChatEvent.warning)
        events.append(.started(model: request.model.id))
        events += answer.words.map(ChatEvent.textDelta)
        events.append(.usage(.estimated(for: request, output: answer.words.joined())))
        events.append(.finish(answer.isCut ? .length : .stop))
        self.events = events[...]
        self.pace = pace
    }

    mutating func next() async throws -> ChatEvent? {
        try Task.checkCancellation()
        guard let event = events.popFirst() else { return nil }
        if case .textDelta = event, pace > .zero {
            // It writes as slowly as it is told to, as a model would.
            try await Task.sleep(for: pace)
        }
        return event
    }
}
