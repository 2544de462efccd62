internal import Jobs
public import Primitives
public import Tenancy

/// Documents of the transaction's tenant; those still being received and those deleted are shown nowhere.
public struct DocumentService: Sendable {
    public init() {}

    /// The newest first.
    /// - Throws: `knowledge_base_not_found` where a base is asked for that is none.
    public func documents(
        of baseID: KnowledgeBaseID?,
        _ request: PageRequest,
        in transaction: TenantTransaction
    ) async throws -> Page<Document> {
        let tenantID = transaction.tenantID
        let rows: [Document]
        if let baseID {
            let count = try await transaction.queryFirst(CountKnowledgeBases(tenantID: tenantID, ids: [baseID]))
            guard count == 1 else { throw Fault.knowledgeBaseNotFound }
            rows = try await transaction.query(
                SelectDocumentsOfBase(tenantID: tenantID, request: request, baseID: baseID)
            )
        } else {
            rows = try await transaction.query(SelectDocuments(tenantID: tenantID, request: request))
        }
        return Page(rows: rows, request: request, cursor: \.pageCursor)
    }

    /// - Throws: `document_not_found`.
    public func document(_ id: DocumentID, in transaction: TenantTransaction) async throws -> Document {
        let found = try await transaction.queryFirst(SelectDocument(tenantID: transaction.tenantID, id: id))
        guard let found else { throw Fault.documentNotFound }
        return found
    }

    /// It is found by nothing from now on; a job removes what it said, its ids and times stay.
    /// - Throws: `document_not_found`.
    public func delete(_ id: DocumentID, in transaction: TenantTransaction) async throws {
        let deleted = try await transaction.execute(DeleteDocument(tenantID: transaction.tenantID, id: id))
        guard deleted == 1 else { throw Fault.documentNotFound }
        try await transaction.enqueue([.about(PurgeDocument(documentID: id))])
    }
}
