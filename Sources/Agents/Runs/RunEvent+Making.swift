internal import Analytics
internal import Knowledge
internal import LanguageModels
internal import Primitives

extension RunEvent.Source {
    init(_ chunk: FoundChunk, question: String, base: KnowledgeBaseID) {
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
    init(_ order: RunOrder, _ conclusion: RunConclusion, cost: Money?) {
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

extension RunEvent.Failure {
    init(_ fault: Fault, of order: RunOrder) {
        self.init(fault, language: order.language, requestID: order.requestID)
    }

    init(_ fault: Fault, language: Language, requestID: RequestID) {
        self.init(
            code: fault.code.rawValue,
            message: fault.text(in: language),
            isRetryable: fault.isRetryable,
            requestID: requestID
        )
    }
}
