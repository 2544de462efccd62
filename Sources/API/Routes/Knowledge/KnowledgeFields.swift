internal import Knowledge
internal import Primitives
internal import Tenancy

// What the knowledge routes read and write.

struct BasePath: RequestFields {
    let id: KnowledgeBaseID

    init(from request: inout RequestReader) {
        id = request.path("base_id", .id(), "The knowledge base.")
    }
}

struct BaseChange: RequestFields {
    let id: KnowledgeBaseID
    let body: BaseChangesBody

    init(from request: inout RequestReader) {
        id = request.path("base_id", .id(), "The knowledge base.")
        body = request.body(BaseChangesBody.self)
    }
}

struct DocumentsFields: RequestFields {
    let page: PageRequest
    let baseID: KnowledgeBaseID?

    init(from request: inout RequestReader) {
        page = request.page()
        baseID = request.query("knowledge_base_id", .id(), "Only this base's.")
    }
}

struct DocumentPath: RequestFields {
    let id: DocumentID

    init(from request: inout RequestReader) {
        id = request.path("document_id", .id(), "The document.")
    }
}

private let readOnlyOfBase: Set = ["id", "counts", "created_at", "updated_at"]

struct BaseBody: FieldList {
    static let schemaName = "KnowledgeBaseInput"
    static let unknownFields = UnknownFields.refused(exceptReadOnly: readOnlyOfBase)

    let name: String
    let description: String

    init(from fields: inout FieldReader) {
        name = fields.required("name", .name(1...100).example("Loja"), "What the base is called.")
        description = fields.optional("description", .text(0...1000), default: "", "", "What is in it.")
    }
}

struct BaseChangesBody: FieldList {
    static let schemaName = "KnowledgeBaseChanges"
    static let unknownFields = UnknownFields.refused(exceptReadOnly: readOnlyOfBase)

    let name: String?
    let description: String?

    init(from fields: inout FieldReader) {
        name = fields.change("name", .name(1...100), "What the base is called.")
        description = fields.change("description", .text(0...1000), "What is in it.")
    }
}

struct SearchBody: FieldList {
    static let schemaName = "SearchInput"

    /// How passages are found; meaning joins words later.
    enum Mode: String, CaseIterable {
        case lexical
    }

    let request: KnowledgeSearch.Request

    init(from fields: inout FieldReader) {
        let query = fields.required("query", .text(1...1000).example("quanto custa o plano?"), "The question.")
        let baseID = fields.optional("knowledge_base_id", Field<KnowledgeBaseID>.id(), "Only in this base.")
        let limit = fields.optional("top_k", .integer(1...20), default: 5, 5, "Passages at most.")
        let threshold = fields.optional("threshold", .number(0...1), default: 0, 0, "The lowest score wanted.")
        _ = fields.optional("mode", .oneOf(placeholder: Mode.lexical), default: .lexical, "lexical", "How to search.")
        request = KnowledgeSearch.Request(
            query: query,
            baseIDs: baseID.map { [$0] },
            limit: limit,
            threshold: threshold
        )
    }
}

/// What a search found, and for what.
struct SearchResults: Sendable {
    let found: [FoundChunk]
    let query: String
}

extension Output where Value == KnowledgeBase {
    static let knowledgeBase = Output.object(
        "KnowledgeBase",
        [
            Member("id", .id(), \.id),
            Member("name", .text, \.name),
            Member("description", .text, \.description),
            Member("embedding_model", Output<String>.text.nullable) { _ in nil },
            Member("document_count", .integer, \.counts.documents),
            Member("ready_document_count", .integer, \.counts.readyDocuments),
            Member("chunk_count", .integer, \.counts.chunks),
            Member("created_at", .timestamp, \.createdAt),
            Member("updated_at", .timestamp, \.updatedAt),
        ]
    )
}

extension Output where Value == Document {
    static let document = Output.object(
        "Document",
        [
            Member("id", .id(), \.id),
            Member("knowledge_base_id", .id(), \.baseID),
            Member("name", .text, \.name),
            Member("content_type", .text, \.kind.rawValue),
            Member("origin", .name(), \.origin),
            Member("status", .name(), \.status),
            Member("progress", .integer, \.progress),
            Member("reason", Output<String>.text.nullable) { $0.failure?.code },
            Member("byte_count", .integer, \.byteCount),
            Member("character_count", .integer, \.characterCount),
            Member("chunk_count", .integer, \.chunkCount),
            Member("created_at", .timestamp, \.createdAt),
            Member("updated_at", .timestamp, \.updatedAt),
            Member("indexed_at", Output<Timestamp>.timestamp.nullable, \.indexedAt),
        ]
    )
}

extension Output where Value == SearchResults {
    static let results = Output.object(
        "SearchResults",
        [
            Member("results", Output<(FoundChunk, String)>.result.list) { results in
                results.found.map { ($0, results.query) }
            },
            Member("total_results", .integer, \.found.count),
            Member("mode", Output<SearchBody.Mode>.name()) { _ in .lexical },
        ]
    )
}

extension Output where Value == (FoundChunk, String) {
    fileprivate static let result = Output.object(
        "SearchResult",
        [
            Member("id", .id()) { $0.0.id },
            Member("document_id", .id()) { $0.0.documentID },
            Member("name", .text) { $0.0.documentName },
            Member("content", .text) { $0.0.content },
            Member("relevant_chunk", .text) { $0.0.excerpt(for: $0.1) },
            Member("score", .number) { $0.0.score },
            Member("metadata", .passage) { $0.0 },
        ]
    )
}

extension Output where Value == FoundChunk {
    fileprivate static let passage = Output.object(
        "PassagePlace",
        [Member("breadcrumb", .text, \.breadcrumb), Member("ordinal", .integer, \.ordinal)]
    )
}
