internal import Knowledge
internal import Primitives

/// A search for passages that goes on by itself, while what asks for it is still being stored.
struct PassageSearch: Sendable {
    static let maximumPassages = 5

    let baseID: KnowledgeBaseID
    private let task: Task<[FoundChunk], any Error>

    init(_ search: KnowledgeSearch, for question: String, in baseID: KnowledgeBaseID, of tenantID: TenantID) {
        self.baseID = baseID
        task = Task {
            do {
                let request = KnowledgeSearch.Request(query: question, baseIDs: [baseID], limit: Self.maximumPassages)
                return try await search.lexical(request, of: tenantID)
            } catch let fault as Fault where fault.code == .knowledgeBaseNotFound {
                return []
            }
        }
    }

    /// None where the base was deleted since the agent was given it.
    ///
    /// Whoever is cancelled here cancels the search.
    var found: [FoundChunk] {
        get async throws {
            try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        }
    }
}
