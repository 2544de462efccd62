internal import LanguageModels
internal import Primitives
internal import Synchronization

/// A provider that says what a test tells it to, where the real ones cannot be made to: fail in mid-answer, hang.
final class ScriptedProvider: ChatProvider {
    enum Step: Sendable {
        case event(ChatEvent)
        /// Tells that it is there, and goes on when it is let.
        case hold(Gate)
        case fail(Fault)
    }

    let name = ProviderName(rawValue: "scripted")
    private let steps: [Step]
    private let received = Mutex<[ChatRequest]>([])

    init(_ steps: [Step]) {
        self.steps = steps
    }

    var requests: [ChatRequest] { received.withLock { $0 } }

    func stream(_ request: ChatRequest) -> ChatStream {
        received.withLock { $0.append(request) }
        return ChatStream { [steps] in ScriptedSource(steps: steps[...]) }
    }

    /// A whole answer.
    static func answer(_ words: [String], usage: TokenUsage? = nil) -> [Step] {
        [.event(.started(model: "scripted-1"))] + words.map { .event(.textDelta($0)) }
            + (usage.map { [.event(.usage($0))] } ?? []) + [.event(.finish(.stop))]
    }
}

private struct ScriptedSource: ChatEventSource {
    var steps: ArraySlice<ScriptedProvider.Step>

    mutating func next() async throws -> ChatEvent? {
        while let step = steps.popFirst() {
            try Task.checkCancellation()
            switch step {
            case .event(let event): return event
            case .hold(let gate): try await gate.pass()
            case .fail(let fault): throw fault
            }
        }
        return nil
    }
}

/// A place in a script where a test waits for the answer, and the answer for the test.
struct Gate: Sendable {
    private let arrivals = AsyncStream<Void>.makeStream()
    private let openings = AsyncStream<Void>.makeStream()

    /// Returns when the answer is at the gate.
    func reached() async {
        for await _ in arrivals.stream { break }
    }

    func open() {
        openings.continuation.yield()
    }

    fileprivate func pass() async throws {
        arrivals.continuation.yield()
        for await _ in openings.stream { break }
        try Task.checkCancellation()
    }
}
