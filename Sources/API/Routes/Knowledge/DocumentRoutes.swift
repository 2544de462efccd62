internal import HTTPTypes
internal import Hummingbird
internal import Knowledge
internal import Primitives
internal import Tenancy

/// The documents of knowledge bases, and the search in them.
struct DocumentRoutes {
    let documents: DocumentService
    let search: KnowledgeSearch

    var endpoints: [TenantEndpoint] {
        [
            .read(
                "/knowledge/documents",
                "List documents, newest first",
                .page(of: .document),
                faults: [.knowledgeBaseNotFound]
            ) { (input: DocumentsFields, context) in
                try await context.transaction { try await documents.documents(of: input.baseID, input.page, in: $0) }
            },
            .read(
                "/knowledge/documents/{document_id}",
                "Read a document and how far it is indexed",
                .data(.document),
                faults: [.documentNotFound]
            ) { (input: DocumentPath, context) in
                try await context.transaction { try await documents.document(input.id, in: $0) }
            },
            .write(
                .delete,
                "/knowledge/documents/{document_id}",
                "Delete a document",
                .deleted,
                audit: .named(.documentDeleted, \.id),
                faults: [.documentNotFound]
            ) { (input: DocumentPath, transaction, _) in
                try await documents.delete(input.id, in: transaction)
            },
            .tenant(Self.searchOperation) { request, context in
                var request = request
                let body = try await request.readBody()
                let input = try BodyFields<SearchBody>.read(from: request, context, body: body).body
                let found = try await search.lexical(input.request, of: context.tenant.tenantID)
                return .json(Self.results.encoded(SearchResults(found: found, query: input.request.query)), status: .ok)
            },
        ]
    }

    private static let results = Answer<SearchResults>.data(.results)

    private static let searchOperation = Operation(
        method: .post,
        path: basePath + "/knowledge/search",
        summary: "Find the passages that answer a question",
        body: RequestReader.describe(BodyFields<SearchBody>.self).jsonBody,
        success: [.init(.ok, "application/json", results.schema, "The passages, best first")],
        faults: [.knowledgeBaseNotFound]
    )
}
