internal import LanguageModels
internal import Primitives

/// What was asked of a provider and what its stream has told so far, and what of that the run's clients are told; a value
/// without I/O.
struct AnswerInProgress {
    private(set) var request: ChatRequest
    private(set) var sources: [RunEvent.Source] = []
    private(set) var text = ""
    private(set) var usage: TokenUsage?
    private(set) var finishReason: Run.FinishReason?
    private(set) var warnings: [String] = []
    /// From the run's start to the first piece of the answer.
    private(set) var timeToFirstToken: Duration?
    /// Whether the provider took the request, so that something may have been spent.
    private var isStarted = false

    init(_ request: ChatRequest) {
        self.request = request
    }

    /// What was spent up to now, estimated where the provider has not told.
    var usageSoFar: TokenUsage? {
        usage ?? (isStarted ? .estimated(for: request, output: text) : nil)
    }

    mutating func use(_ passages: [Passage], shownAs sources: [RunEvent.Source]) -> [RunEvent.Payload] {
        request.passages = passages
        self.sources = sources
        return sources.map { .source($0) }
    }

    /// - Parameter elapsed: since the run's start.
    mutating func receive(_ event: ChatEvent, at elapsed: Duration) -> [RunEvent.Payload] {
        switch event {
        case .warning(let warning):
            warnings.append(warning.rawValue)
        case .retrying:
            return [.progress(.init(.retrying, percent: 30))]
        case .started:
            isStarted = true
        case .textDelta(let delta):
            timeToFirstToken = timeToFirstToken ?? elapsed
            text += delta
            return FrameText.pieces(of: delta).map { .answer($0) }
        case .usage(let usage):
            self.usage = usage
        case .finish(let reason):
            finishReason = Run.FinishReason(reason)
        case .thinkingDelta:
            break
        }
        return []
    }
}
