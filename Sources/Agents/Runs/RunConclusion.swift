internal import LanguageModels
internal import Primitives

/// How a run ended, once and for all: storing it again changes nothing of it.
struct RunConclusion: Sendable {
    let state: Run.State
    /// As far as it came.
    let answer: String
    let sources: [RunEvent.Source]
    /// nil where it is not known what was spent, or where it is not the asker's to pay.
    let usage: TokenUsage?
    let finishReason: Run.FinishReason?
    /// Why there is no answer.
    let fault: Fault?
    let warnings: [String]
    let ttftMilliseconds: Int?
    let totalMilliseconds: Int
    let finishedAt: Timestamp

    /// Whether the answer becomes a message: when it is complete, and what there is of it when its asker stopped it.
    var hasMessage: Bool {
        state == .completed || state == .cancelled && !answer.isEmpty
    }
}
