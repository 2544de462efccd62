internal import Jobs
public import Primitives
public import Tenancy

/// Knowledge bases of the transaction's tenant.
///
/// Names and descriptions come checked and in their kept form (`DisplayName`).
public struct KnowledgeBaseService: Sendable {
    public init() {}

    public func create(
        name: String,
        description: String,
        in transaction: TenantTransaction
    ) async throws -> KnowledgeBase {
        let id = KnowledgeBaseID.next()
        try await transaction.execute(
            InsertKnowledgeBase(tenantID: transaction.tenantID, id: id, name: name, description: description)
        )
        return try await base(id, in: transaction)
    }

    /// The newest first.
    public func bases(_ request: PageRequest, in transaction: TenantTransaction) async throws -> Page<KnowledgeBase> {
        let rows = try await transaction.query(
            SelectKnowledgeBases(tenantID: transaction.tenantID, request: request)
        )
        return Page(rows: rows, request: request, cursor: \.pageCursor)
    }

    /// - Throws: `knowledge_base_not_found`.
    public func base(_ id: KnowledgeBaseID, in transaction: TenantTransaction) async throws -> KnowledgeBase {
        let found = try await transaction.queryFirst(SelectKnowledgeBase(tenantID: transaction.tenantID, id: id))
        guard let found else { throw Fault.knowledgeBaseNotFound }
        return found
    }

    /// Changes what is given.
    /// - Throws: `knowledge_base_not_found`.
    public func update(
        _ id: KnowledgeBaseID,
        name: String?,
        description: String?,
        in transaction: TenantTransaction
    ) async throws -> KnowledgeBase {
        try await transaction.execute(
            UpdateKnowledgeBase(tenantID: transaction.tenantID, id: id, name: name, description: description)
        )
        return try await base(id, in: transaction)
    }

    /// The base and its documents are found by nothing from now on; jobs remove what they said.
    /// - Throws: `knowledge_base_not_found`.
    public func delete(_ id: KnowledgeBaseID, in transaction: TenantTransaction) async throws {
        let deleted = try await transaction.execute(DeleteKnowledgeBase(tenantID: transaction.tenantID, id: id))
        guard deleted == 1 else { throw Fault.knowledgeBaseNotFound }
        let documents = try await transaction.query(
            DeleteDocumentsOfBase(tenantID: transaction.tenantID, baseID: id)
        )
        try await transaction.enqueue(documents.map { .about(PurgeDocument(documentID: $0)) })
    }
}
