public import Primitives
public import Tenancy

/// Finds the passages that answer a question.
public struct KnowledgeSearch: Sendable {
    private let database: TenantDatabase

    public init(database: TenantDatabase) {
        self.database = database
    }

    /// What is asked for.
    public struct Request: Hashable, Sendable {
        public let query: String
        /// nil searches all bases of the tenant.
        public let baseIDs: [KnowledgeBaseID]?
        /// Passages at most.
        public let limit: Int
        /// The lowest score that is returned, 0–1.
        public let threshold: Double

        public init(query: String, baseIDs: [KnowledgeBaseID]?, limit: Int = 5, threshold: Double = 0) {
            self.query = query
            self.baseIDs = baseIDs
            self.limit = limit
            self.threshold = threshold
        }
    }

    /// The best first; one round trip.
    /// - Throws: `knowledge_base_not_found` where one of the bases is none.
    public func lexical(_ request: Request, of tenantID: TenantID) async throws -> [FoundChunk] {
        let search = SearchLexical(request: request)
        guard let baseIDs = request.baseIDs.map(Set.init) else { return try await database.query(search, in: tenantID) }
        let bases = CountKnowledgeBases(tenantID: tenantID, ids: Array(baseIDs))
        let (count, found) = try await database.batch(bases, search, in: tenantID)
        guard count == [baseIDs.count] else { throw Fault.knowledgeBaseNotFound }
        return found
    }
}
