internal import Jobs
internal import Primitives
internal import Tenancy

extension DocumentIndexer {
    /// Of a document that is deleted or has failed: nothing is written to it any more.
    ///
    /// Safe to repeat.
    func purge(_ id: DocumentID, _ context: JobContext) async throws -> JobOutcome {
        try await removeChunks(of: id, context)
        try await originals.remove(id, of: context.tenantID)
        observe(.purged(id))
        return .completed
    }

    func expire(_ id: DocumentID, _ context: JobContext) async throws -> JobOutcome {
        try await context.complete { transaction in
            let expiry = ExpireReceivingDocument(tenantID: transaction.tenantID, id: id)
            guard try await transaction.execute(expiry) == 1 else { return }
            try await transaction.enqueue([.about(PurgeDocument(documentID: id))])
        }
        return .completed
    }

    func removeChunks(of id: DocumentID, _ context: JobContext) async throws {
        let deletion = DeleteChunks(tenantID: context.tenantID, documentID: id)
        while try await context.transaction({ try await $0.execute(deletion) }) > 0 {}
    }
}
