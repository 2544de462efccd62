internal import Knowledge
internal import Primitives
internal import Tenancy

/// The passages on a question, looked up from the moment on that this is made: storing the question takes as long, and
/// neither waits for the other.
///
/// It has a connection of its own, for which the question's transaction does not wait. Of a question that is refused after
/// all, nobody hears what was found.
struct LookUp: Sendable {
    private let task: Task<[FoundChunk], any Error>

    init(_ question: String, in base: KnowledgeBaseID, of tenantID: TenantID, by search: KnowledgeSearch) {
        // Asked before what its maker does next.
        task = Task.immediate {
            do {
                let request = KnowledgeSearch.Request(
                    query: question,
                    baseIDs: [base],
                    limit: AnswerTurn.maximumPassages
                )
                return try await search.lexical(request, of: tenantID)
            } catch let fault as Fault where fault.code == .knowledgeBaseNotFound {
                // Deleted since the agent was given it.
                return []
            }
        }
    }

    func found() async throws -> [FoundChunk] {
        try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
