internal import LanguageModels
internal import Primitives

/// What a provider's stream has told of an answer so far, and what of that its clients are told; a value without I/O.
struct AnswerInProgress {
    private(set) var text = ""
    private(set) var usage: TokenUsage?
    private(set) var finishReason: Run.FinishReason?
    private(set) var warnings: [String] = []
    /// From the run's start to the first piece of the answer.
    private(set) var timeToFirstToken: Duration?
    /// Whether the provider took the request, so that something may have been spent.
    private(set) var isStarted = false

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
