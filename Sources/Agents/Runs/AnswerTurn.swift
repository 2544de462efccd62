internal import Analytics
internal import Knowledge
internal import LanguageModels
internal import Logging
internal import Primitives

/// Makes one answer: looks the question up, asks the model, tells the journal, stores what came of it.
///
/// The journal's terminal event comes last of all, after the transaction that stored what it says.
struct AnswerTurn: Sendable {
    let store: RunStore
    let clock: WallClock
    let logger: Logger

    static let maximumPassages = 5
    /// How long a database that is away is waited for with an answer in hand; longer, and the run is given up, which its
    /// lease then shows.
    private static let storingDeadline = Duration.seconds(15)

    private enum Ending {
        case completed(Run.FinishReason)
        case stopped(RunStopReason)
        case failed(Fault)
    }

    /// - Parameter stopReason: why the task was cancelled, asked when it was.
    func run(_ order: RunOrder, _ journal: RunJournal, stopReason: @Sendable () -> RunStopReason) async {
        func tell(_ payload: RunEvent.Payload) {
            journal.append(payload, at: clock.now())
        }
        var answer = AnswerInProgress(order.request)
        let ending: Ending
        do {
            ending = .completed(try await make(&answer, order, tell))
        } catch {
            ending =
                Task.isCancelled
                ? .stopped(stopReason())
                : .failed((error as? Fault) ?? Fault(.internalFailure, .internalFailure, cause: error))
        }
        guard let conclusion = conclude(ending, answer, order) else {
            return tell(.error(.init(.runInterrupted, of: order)))
        }
        if let fault = conclusion.fault {
            logger.warning("run failed", error: fault, metadata: order.logMetadata)
        }
        switch await store(order, conclusion) {
        case .failure(let fault):
            tell(.error(.init(fault, of: order)))
        case .success(let cost):
            if let fault = conclusion.fault { return tell(.error(.init(fault, of: order))) }
            tell(.metadata(.init(order, conclusion, cost: cost)))
            tell(.done(.init(finishReason: conclusion.finishReason ?? .stop, isReplayed: false)))
        }
    }

    private func make(
        _ answer: inout AnswerInProgress,
        _ order: RunOrder,
        _ tell: (RunEvent.Payload) -> Void
    ) async throws -> Run.FinishReason {
        tell(.progress(.init(.started, percent: 0)))
        if let base = order.knowledgeBaseID, let passages = order.passages {
            tell(.progress(.init(.searchingKnowledge, percent: 10)))
            let found = try await passages.found()
            let sources = found.map { RunEvent.Source($0, question: order.question, base: base) }
            for payload in answer.use(found.map(Passage.init), shownAs: sources) { tell(payload) }
        }
        tell(.progress(.init(.generating, percent: 30)))
        for try await event in order.provider.stream(answer.request) {
            for payload in answer.receive(event, at: order.start.duration(to: .now)) { tell(payload) }
        }
        guard let reason = answer.finishReason else { throw Fault.answerWithoutEnd }
        return reason
    }

    /// - Returns: nil where the run is no longer ours to conclude.
    private func conclude(_ ending: Ending, _ answer: AnswerInProgress, _ order: RunOrder) -> RunConclusion? {
        let (state, usage, reason, fault): (Run.State, TokenUsage?, Run.FinishReason?, Fault?)
        switch ending {
        case .completed(let finishReason):
            (state, usage, reason, fault) = (.completed, answer.usage, finishReason, nil)
        case .failed(let failure):
            (state, usage, reason, fault) = (.failed, answer.usage, nil, failure)
        case .stopped(.requested):
            (state, usage, reason, fault) = (.cancelled, answer.usageSoFar, .cancelled, nil)
        case .stopped(.revoked):
            // What was spent up to now was asked for by somebody who might.
            (state, usage, reason, fault) = (.failed, answer.usageSoFar, nil, .accessRevoked)
        case .stopped(.shutdown):
            // Nobody asked for half an answer, so nobody pays for it.
            (state, usage, reason, fault) = (.interrupted, nil, nil, .runInterrupted)
        case .stopped(.leaseLost):
            return nil
        }
        return RunConclusion(
            state: state,
            answer: answer.text,
            sources: answer.sources,
            usage: usage,
            finishReason: reason,
            fault: fault,
            warnings: order.warnings + answer.warnings,
            ttftMilliseconds: answer.timeToFirstToken.map { Int($0.milliseconds) },
            totalMilliseconds: Int(order.start.duration(to: .now).milliseconds),
            finishedAt: clock.now()
        )
    }

    /// In a task of its own, since what a cancelled run came to is stored too.
    private func store(_ order: RunOrder, _ conclusion: RunConclusion) async -> Result<Money?, Fault> {
        await Task {
            let deadline = ContinuousClock.now + Self.storingDeadline
            var pause = Duration.milliseconds(100)
            while true {
                do {
                    return .success(try await store.finish(order, conclusion))
                } catch is LostClaim {
                    return .failure(.runInterrupted)
                } catch let fault as Fault where fault.isRetryable && ContinuousClock.now < deadline {
                    // Nothing tells when a database that is away is back: asked again, ever later, until the deadline.
                    try? await Task.sleep(for: pause)
                    pause = min(pause * 2, .seconds(2))
                } catch {
                    logger.error("answer not stored", error: error, metadata: order.logMetadata)
                    return .failure(.answerNotStored(cause: error))
                }
            }
        }.value
    }
}

extension RunOrder {
    fileprivate var logMetadata: Logger.Metadata {
        ["run_id": "\(identity.runID)", "request_id": "\(requestID)", "tenant_id": "\(identity.tenantID)"]
    }
}

extension Passage {
    fileprivate init(_ chunk: FoundChunk) {
        let text = chunk.breadcrumb.isEmpty ? chunk.content : "\(chunk.breadcrumb)\n\(chunk.content)"
        self.init(document: chunk.documentName, text: text, score: chunk.score)
    }
}
