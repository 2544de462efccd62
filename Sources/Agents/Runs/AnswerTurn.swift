internal import Analytics
internal import Knowledge
internal import LanguageModels
internal import Logging
internal import Primitives

/// Makes one answer: looks the question up, asks the model, tells the journal, stores what came of it.
///
/// The journal's terminal event comes last of all, after the transaction that stored what it says.
struct AnswerTurn: Sendable {
    let search: KnowledgeSearch
    let store: RunStore
    let clock: WallClock
    let logger: Logger

    /// How long a database that is away is waited for with an answer in hand; longer, and the run is given up, which its
    /// lease then shows.
    private static let storingDeadline = Duration.seconds(15)

    private static let maximumPassages = 5

    private enum Ending {
        case completed(Run.FinishReason)
        case stopped
        case failed(Fault)
    }

    /// - Parameter stopReason: why the task was cancelled, asked when it was.
    func run(_ order: RunOrder, _ journal: RunJournal, stopReason: @Sendable () -> RunStopReason) async {
        var answer = AnswerInProgress()
        var sources: [RunEvent.Source] = []
        let ending = await make(order, journal, &answer, &sources)
        if case .failed(let fault) = ending {
            logger.warning(
                "run failed",
                metadata: ["run_id": "\(order.identity.runID)", "error": "\(fault.debugDescription)"]
            )
        }
        let conclusion: RunConclusion
        switch ending {
        case .completed(let reason):
            conclusion = conclude(order, answer, sources, .completed, usage: answer.usage, reason: reason)
        case .failed(let fault):
            conclusion = conclude(order, answer, sources, .failed, usage: answer.usage, error: fault.code)
        case .stopped:
            switch stopReason() {
            case .leaseLost:
                return tell(journal, .error(.init(.runInterrupted, of: order)))
            case .shutdown:
                // Nobody asked for half an answer, so nobody pays for it.
                conclusion = conclude(order, answer, sources, .interrupted, usage: nil, error: .runInterrupted)
            case .requested:
                let spent =
                    answer.usage ?? (answer.isStarted ? .estimated(for: order.request, output: answer.text) : nil)
                conclusion = conclude(order, answer, sources, .cancelled, usage: spent, reason: .cancelled)
            }
        }
        switch await store(order, conclusion) {
        case .failure(let fault):
            tell(journal, .error(.init(fault, of: order)))
        case .success(let cost):
            switch ending {
            case .failed(let fault): tell(journal, .error(.init(fault, of: order)))
            case .stopped where conclusion.state == .interrupted:
                tell(journal, .error(.init(.runInterrupted, of: order)))
            case .completed, .stopped:
                tell(journal, .metadata(.init(order, conclusion, cost: cost)))
                tell(journal, .done(.init(finishReason: conclusion.finishReason ?? .stop, isReplayed: false)))
            }
        }
    }

    private func make(
        _ order: RunOrder,
        _ journal: RunJournal,
        _ answer: inout AnswerInProgress,
        _ sources: inout [RunEvent.Source]
    ) async -> Ending {
        do {
            tell(journal, .progress(.init(.started, percent: 0)))
            var request = order.request
            if let base = order.knowledgeBaseID {
                tell(journal, .progress(.init(.searchingKnowledge, percent: 10)))
                let found = try await passages(on: order.question, in: base, of: order.identity.tenantID)
                request.passages = found.map(Passage.init)
                sources = found.map { .init($0, question: order.question, base: base) }
                for source in sources { tell(journal, .source(source)) }
            }
            tell(journal, .progress(.init(.generating, percent: 30)))
            for try await event in order.provider.stream(request) {
                for payload in answer.receive(event, at: order.start.duration(to: .now)) { tell(journal, payload) }
            }
            guard let reason = answer.finishReason else { throw Fault.answerWithoutEnd }
            return .completed(reason)
        } catch {
            if Task.isCancelled { return .stopped }
            return .failed((error as? Fault) ?? Fault(.internalFailure, .internalFailure, cause: error))
        }
    }

    /// None where the base was deleted since the agent was given it.
    private func passages(
        on question: String,
        in base: KnowledgeBaseID,
        of tenantID: TenantID
    ) async throws -> [FoundChunk] {
        do {
            let request = KnowledgeSearch.Request(query: question, baseIDs: [base], limit: Self.maximumPassages)
            return try await search.lexical(request, of: tenantID)
        } catch let fault as Fault where fault.code == .knowledgeBaseNotFound {
            return []
        }
    }

    private func conclude(
        _ order: RunOrder,
        _ answer: AnswerInProgress,
        _ sources: [RunEvent.Source],
        _ state: Run.State,
        usage: TokenUsage?,
        reason: Run.FinishReason? = nil,
        error: Fault.Code? = nil
    ) -> RunConclusion {
        RunConclusion(
            state: state,
            answer: answer.text,
            sources: sources,
            usage: usage,
            finishReason: reason,
            errorCode: error?.rawValue,
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
                    try? await Task.sleep(for: pause)
                    pause = min(pause * 2, .seconds(2))
                } catch {
                    logger.error(
                        "answer not stored",
                        metadata: ["run_id": "\(order.identity.runID)", "error": "\(String(reflecting: error))"]
                    )
                    return .failure(.answerNotStored(cause: error))
                }
            }
        }.value
    }

    private func tell(_ journal: RunJournal, _ payload: RunEvent.Payload) {
        journal.append(payload, at: clock.now())
    }
}

extension RunEvent.Failure {
    fileprivate init(_ fault: Fault, of order: RunOrder) {
        self.init(fault, language: order.language, requestID: order.requestID)
    }
}

extension Passage {
    fileprivate init(_ chunk: FoundChunk) {
        let text = chunk.breadcrumb.isEmpty ? chunk.content : "\(chunk.breadcrumb)\n\(chunk.content)"
        self.init(document: chunk.documentName, text: text, score: chunk.score)
    }
}

extension RunEvent.Source {
    fileprivate init(_ chunk: FoundChunk, question: String, base: KnowledgeBaseID) {
        self.init(
            score: chunk.score,
            name: FrameText.beginning(of: chunk.documentName, limit: FrameText.maximumName),
            documentID: chunk.documentID,
            knowledgeBaseID: base,
            excerpt: FrameText.beginning(of: chunk.excerpt(for: question), limit: FrameText.maximumExcerpt)
        )
    }
}

extension RunEvent.Metadata {
    fileprivate init(_ order: RunOrder, _ conclusion: RunConclusion, cost: Money?) {
        self.init(
            model: order.request.model.id,
            provider: order.provider.name,
            temperature: order.temperature,
            usage: conclusion.usage,
            cost: cost,
            sourcesCount: conclusion.sources.count,
            processingMilliseconds: conclusion.totalMilliseconds,
            ttftMilliseconds: conclusion.ttftMilliseconds,
            finishReason: conclusion.finishReason ?? .stop,
            warnings: conclusion.warnings
        )
    }
}
