internal import Primitives

/// What becomes of a job whose handler has ended.
enum Settlement: Hashable, Sendable {
    /// Its handler completed it, together with its effect.
    case alreadyCompleted
    /// It is another's: whatever came of it is ignored.
    case lost
    case complete
    case discard(because: String)
    case snooze(Duration)
    case retry(after: Duration, because: String)
    /// Given back as it was.
    case giveBack
    case bury(because: String)
}

extension Settlement {
    /// - Parameters:
    ///   - stopReason: why the handler was stopped, if it was.
    ///   - chance: from 0 to 1, for the backoff.
    init(
        of job: ClaimedJob,
        _ result: Result<JobOutcome, any Error>,
        isCompleted: Bool,
        stopReason: JobWorker.Claims.StopReason?,
        backoff: Backoff,
        maximumDuration: Duration,
        chance: Double
    ) {
        if isCompleted {
            self = .alreadyCompleted
            return
        }
        if stopReason == .leaseLost {
            self = .lost
            return
        }
        let pause = backoff.delay(after: job.attempt, chance: chance)
        switch result {
        case .success(.completed): self = .complete
        case .success(.discard(let reason)): self = .discard(because: reason)
        case .success(.snooze(let delay)): self = .snooze(delay)
        case .success(.retry(let delay, let reason)):
            self = job.isLastAttempt ? .bury(because: reason) : .retry(after: max(pause, delay), because: reason)
        case .failure where stopReason == .shutdown: self = .giveBack
        case .failure(let fault as Fault) where fault.code == .jobLeaseLost: self = .lost
        // Nobody died: where the lease still holds, its end would count as a lost worker.
        case .failure where stopReason == .unheard: self = .giveBack
        case .failure(let error):
            let isOverdue = stopReason == .overdue
            let reason = isOverdue ? "took longer than \(maximumDuration)" : Self.description(of: error)
            let delay = max(pause, (error as? Fault)?.retryAfter ?? .zero)
            self = job.isLastAttempt ? .bury(because: reason) : .retry(after: delay, because: reason)
        }
    }

    /// Plain descriptions say nothing private.
    ///
    /// Cut, and without what `text` cannot hold: a failure that cannot be stored would never end.
    private static func description(of error: any Error) -> String {
        String(String(describing: error).unicodeScalars.filter { $0 != "\0" }.prefix(500))
    }
}

extension ClaimedJob {
    var isLastAttempt: Bool { attempt >= maximumAttempts }
}
