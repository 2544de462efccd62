internal import HTTPTypes
internal import Hummingbird
internal import Knowledge
internal import Primitives
internal import Secrets
internal import Tenancy

/// Knowledge bases, their documents, and the search in them.
struct KnowledgeRoutes {
    let bases: KnowledgeBaseService
    let documents: DocumentService
    let uploads: DocumentUploads
    let search: KnowledgeSearch

    var endpoints: [TenantEndpoint] { baseEndpoints + documentEndpoints }

    private var baseEndpoints: [TenantEndpoint] {
        [
            .write(
                .post,
                "/knowledge/bases",
                "Create a knowledge base",
                .data(.knowledgeBase, status: .created),
                audit: .of(.knowledgeBaseCreated, \.id)
            ) { (input: NewBase, transaction, _) in
                try await bases.create(
                    name: input.body.name,
                    description: input.body.description,
                    in: transaction
                )
            },
            .read("/knowledge/bases", "List knowledge bases, newest first", .page(of: .knowledgeBase)) {
                (input: PageFields, context) in
                try await context.transaction { try await bases.list(input.page, in: $0) }
            },
            .read(
                "/knowledge/bases/{base_id}",
                "Read a knowledge base",
                .data(.knowledgeBase),
                faults: [.knowledgeBaseNotFound]
            ) { (input: BasePath, context) in
                try await context.transaction { try await bases.base(input.id, in: $0) }
            },
            .write(
                .patch,
                "/knowledge/bases/{base_id}",
                "Change a knowledge base",
                .data(.knowledgeBase),
                audit: .of(.knowledgeBaseUpdated, \.id),
                faults: [.knowledgeBaseNotFound]
            ) { (input: BaseChange, transaction, _) in
                try await bases.update(
                    input.id,
                    name: input.body.name,
                    description: input.body.description,
                    in: transaction
                )
            },
            .write(
                .delete,
                "/knowledge/bases/{base_id}",
                "Delete a knowledge base and its documents",
                .deleted,
                audit: .named(.knowledgeBaseDeleted, \.id),
                faults: [.knowledgeBaseNotFound]
            ) { (input: BasePath, transaction, _) in
                try await bases.delete(input.id, in: transaction)
            },
        ]
    }

    private var documentEndpoints: [TenantEndpoint] {
        [
            .tenant(Self.uploadOperation) { request, context in try await upload(request, context) },
            .tenant(Self.textOperation) { request, context in
                var request = request
                let body = try await request.readBody(upTo: Self.maximumTextBody)
                let input = try NewText.read(from: request, context, body: body)
                let received = try await uploads.receive(
                    AsyncBytes(Array(input.body.content.utf8)),
                    name: input.body.name,
                    kind: .markdown,
                    origin: .text,
                    into: input.body.baseID,
                    of: context.tenant.tenantID
                )
                return try await accept(received, of: request, identity: body, context)
            },
            .read(
                "/knowledge/documents",
                "List documents, newest first",
                .page(of: .document),
                faults: [.knowledgeBaseNotFound]
            ) { (input: DocumentsFields, context) in
                try await context.transaction { try await documents.list(of: input.baseID, input.page, in: $0) }
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
                let input = try SearchFields.read(from: request, context, body: body).body
                let found = try await search.lexical(input.request, of: context.tenant.tenantID)
                return .json(Self.results.encoded(SearchResults(found: found, query: input.request.query)), status: .ok)
            },
        ]
    }

    /// A form with `knowledge_base_id` and `file`.
    ///
    /// The file is stored as it arrives, unless it comes first: then it is held until the base is known.
    private func upload(_ request: Request, _ context: TenantRequestContext) async throws -> Response {
        let form = try MultipartReader(request)
        var problems = FieldProblems()
        var baseID: KnowledgeBaseID?
        var hasFile = false
        var held: (part: MultipartParser.Part, bytes: [UInt8])?
        var received: ReceivedDocument?
        do {
            while let part = try await form.nextPart() {
                switch part.name {
                case "knowledge_base_id":
                    baseID = Self.baseID(try await form.text(upTo: 64), &problems)
                case "file" where !hasFile:
                    hasFile = true
                    guard problems.all.isEmpty else { break }
                    if let baseID {
                        received = try await receive(PartData(reader: form), part, into: baseID, context)
                    } else {
                        held = (part, try await form.bytes(upTo: Self.maximumHeld))
                    }
                default: break
                }
            }
            if let held, let baseID {
                received = try await receive(AsyncBytes(held.bytes), held.part, into: baseID, context)
            }
        } catch {
            if let received { await uploads.discard(received) }
            throw error
        }
        guard let received else {
            if baseID == nil, problems.all.isEmpty { problems.addMissing("knowledge_base_id") }
            if !hasFile { problems.addMissing("file") }
            throw Fault.validation(problems.all)
        }
        return try await accept(received, of: request, identity: received.identity, context)
    }

    /// A million characters, each of them escaped (`\u00e7`) as some clients write all that is not ASCII.
    private static let maximumTextBody = 6 * Request.maximumJSONBody

    /// Of a file that comes before its base.
    private static let maximumHeld = 20 << 20

    private func receive(
        _ pieces: some AsyncSequence<[UInt8], any Error>,
        _ part: MultipartParser.Part,
        into baseID: KnowledgeBaseID,
        _ context: TenantRequestContext
    ) async throws -> ReceivedDocument {
        let name = try FileName(part.fileName ?? "")
        return try await uploads.receive(
            pieces,
            name: name.text,
            kind: try DocumentKind(fileName: name.text, contentType: part.contentType),
            origin: .upload,
            into: baseID,
            of: context.tenant.tenantID
        )
    }

    /// Makes a document of what was received, or discards it: where the request is refused or was answered before.
    ///
    /// - Parameter identity: what an `Idempotency-Key` is compared by, beside method and path.
    private func accept(
        _ received: ReceivedDocument,
        of request: Request,
        identity: [UInt8],
        _ context: TenantRequestContext
    ) async throws -> Response {
        do {
            let (stored, isReplay) = try await store(received, request.idempotencyKey(body: identity), context)
            var response = Response.json(stored.body, status: .accepted)
            guard isReplay else { return response }
            response.headers[.idempotentReplayed] = "true"
            await uploads.discard(received)
            return response
        } catch {
            await uploads.discard(received)
            throw error
        }
    }

    private func store(
        _ received: ReceivedDocument,
        _ key: IdempotencyKey?,
        _ context: TenantRequestContext
    ) async throws -> (answer: StoredAnswer, isReplay: Bool) {
        try await context.transaction { transaction in
            let effect = {
                let limits = context.tenant.organization.limits
                let document = try await uploads.accept(received, within: limits, in: transaction)
                try await transaction.audit(.documentAdded, of: document.id.description)
                return StoredAnswer(status: 202, body: Self.accepted.encoded(document))
            }
            guard let key else { return (answer: try await effect(), isReplay: false) }
            return try await transaction.once(key, effect)
        }
    }

    private static func baseID(_ text: String, _ problems: inout FieldProblems) -> KnowledgeBaseID? {
        let input = FieldInput(json: .string(text), path: "knowledge_base_id", isText: true)
        return Field<KnowledgeBaseID>.id().read(input, &problems)
    }

    private static let accepted = Answer<Document>.data(.document, status: .accepted)
    private static let results = Answer<SearchResults>.data(.results)

    private static let uploadFaults: [Fault.Code] = [
        .knowledgeBaseNotFound, .unsupportedDocumentType, .documentNotText, .documentEmpty, .documentTooLarge,
        .bodyTooLarge, .validation, .quotaExceeded,
    ]

    private static let uploadOperation = Operation(
        method: .post,
        path: basePath + "/knowledge/upload",
        summary: "Upload a document (.txt, .md, .html); it is indexed after the answer",
        parameters: [],
        body: Operation.Body(
            contentType: "multipart/form-data",
            schema: Schema.object([
                SchemaProperty(name: "knowledge_base_id", schema: Field<KnowledgeBaseID>.id().schema, isRequired: true),
                SchemaProperty(
                    name: "file",
                    schema: Schema([("type", "string"), ("contentMediaType", "application/octet-stream")]),
                    isRequired: true
                ),
            ]),
            encoding: ["file": DocumentKind.allCases.map(\.rawValue).joined(separator: ", ")]
        ),
        success: [.init(.accepted, "application/json", accepted.schema, "The document, waiting to be indexed")],
        faults: uploadFaults,
        acceptsIdempotencyKey: true
    )

    private static let textOperation = Operation(
        method: .post,
        path: basePath + "/knowledge/text",
        summary: "Add a text as a document; it is indexed after the answer",
        parameters: [],
        body: RequestReader.describe(NewText.self).bodySchema.map {
            Operation.Body(contentType: "application/json", schema: $0)
        },
        success: [.init(.accepted, "application/json", accepted.schema, "The document, waiting to be indexed")],
        faults: uploadFaults,
        acceptsIdempotencyKey: true
    )

    private static let searchOperation = Operation(
        method: .post,
        path: basePath + "/knowledge/search",
        summary: "Find the passages that answer a question",
        parameters: [],
        body: RequestReader.describe(SearchFields.self).bodySchema.map {
            Operation.Body(contentType: "application/json", schema: $0)
        },
        success: [.init(.ok, "application/json", results.schema, "The passages, best first")],
        faults: [.knowledgeBaseNotFound],
        acceptsIdempotencyKey: false
    )
}

extension ReceivedDocument {
    /// What makes two uploads the same; a form's bytes are not, as every client makes up a boundary.
    ///
    /// Only the name is of any length, so nothing can be read in two ways.
    fileprivate var identity: [UInt8] { Array("\(baseID)\n\(kind.rawValue)\n\(name)\n".utf8) + sha256 }
}

/// Bytes that are there already, in one piece.
private struct AsyncBytes: AsyncSequence, AsyncIteratorProtocol {
    typealias Failure = any Error
    private var bytes: [UInt8]?

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func makeAsyncIterator() -> Self { self }

    mutating func next() async throws -> [UInt8]? {
        defer { bytes = nil }
        return bytes
    }
}
