internal import Primitives

/// What is stored of a run that this process does not have the events of, told as such a stream, once the run has ended.
struct StoredRunEvents: RunEventSource {
    private static let interval = Duration.milliseconds(500)

    let language: Language
    let requestID: RequestID
    let load: @Sendable () async throws -> Run

    func events(after sequence: Int, for reader: RunReader) async -> ArraySlice<RunEvent>? {
        while !reader.hasEnded, !Task.isCancelled {
            // A database that is away, and a run that was deleted meanwhile, end with the client's patience.
            if let run = try? await load(), let finishedAt = run.finishedAt {
                let log = log(of: run, finishedAt: finishedAt)
                let events = log.events(after: sequence)
                if !events.isEmpty { return events }
                // Cut off in the middle of another telling: the end is all that can be said for certain.
                return sequence > log.events.count ? log.events.last.map { [$0.moved(to: sequence + 1)] } : nil
            }
            // Another process makes this answer and tells nobody of its end but the row, so the row is asked again.
            try? await Task.sleep(for: Self.interval)
        }
        return nil
    }

    private func log(of run: Run, finishedAt: Timestamp) -> RunLog {
        var log = RunLog()
        let payloads: [RunEvent.Payload] =
            switch run.state {
            case .completed, .cancelled:
                FrameText.pieces(of: run.answer ?? "").map { .answer($0) } + [
                    .done(.init(finishReason: run.finishReason ?? .stop, isReplayed: true))
                ]
            case .failed, .interrupted, .running:
                [.error(.init(run: run, language: language, requestID: requestID))]
            }
        for payload in payloads { _ = log.append(payload, at: finishedAt) }
        return log
    }
}

extension RunEvent {
    fileprivate func moved(to sequence: Int) -> RunEvent {
        RunEvent(sequence: sequence, timestamp: timestamp, payload: payload)
    }
}

extension RunEvent.Failure {
    fileprivate init(run: Run, language: Language, requestID: RequestID) {
        let fault = run.state == .interrupted ? Fault.runInterrupted : Fault.answerFailed
        self.init(
            code: run.errorCode ?? fault.code.rawValue,
            message: fault.text(in: language),
            isRetryable: fault.isRetryable,
            requestID: requestID
        )
    }
}
