internal import HTTPTypes
internal import Hummingbird
internal import Knowledge
internal import Primitives
internal import Secrets
internal import Tenancy

/// What documents are made of: a file of a form, or a text.
struct UploadRoutes {
    let uploads: DocumentUploads

    var endpoints: [TenantEndpoint] {
        [
            .tenant(Self.uploadOperation) { request, context in try await upload(request, context) },
            .tenant(Self.textOperation) { request, context in
                var request = request
                let body = try await request.readBody(upTo: Self.maximumTextBody)
                let input = try BodyFields<TextBody>.read(from: request, context, body: body)
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
            let key = try request.idempotencyKey(body: identity)
            let told = try await context.transaction { transaction in
                try await transaction.tell(Self.accepted, once: key) {
                    let limits = context.tenant.organization.limits
                    let document = try await uploads.accept(received, within: limits, in: transaction)
                    try await transaction.audit(.documentAdded, of: document.id.description)
                    return document
                }
            }
            if told.isReplay { await uploads.discard(received) }
            return told.response
        } catch {
            await uploads.discard(received)
            throw error
        }
    }

    private static func baseID(_ text: String, _ problems: inout FieldProblems) -> KnowledgeBaseID? {
        let input = FieldInput(json: .string(text), path: "knowledge_base_id", isText: true)
        return Field<KnowledgeBaseID>.id().read(input, &problems)
    }

    private static let accepted = Answer<Document>.data(.document, status: .accepted)

    private static let uploadFaults: [Fault.Code] = [
        .knowledgeBaseNotFound, .unsupportedDocumentType, .documentNotText, .documentEmpty, .documentTooLarge,
        .bodyTooLarge, .validation, .quotaExceeded,
    ]

    private static let uploadOperation = Operation(
        method: .post,
        path: basePath + "/knowledge/upload",
        summary: "Upload a document (.txt, .md, .html); it is indexed after the answer",
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
        body: RequestReader.describe(BodyFields<TextBody>.self).jsonBody,
        success: [.init(.accepted, "application/json", accepted.schema, "The document, waiting to be indexed")],
        faults: uploadFaults,
        acceptsIdempotencyKey: true
    )
}

private struct TextBody: FieldList {
    static let schemaName = "TextInput"

    let baseID: KnowledgeBaseID
    let name: String
    let content: String

    init(from fields: inout FieldReader) {
        baseID = fields.required("knowledge_base_id", .id(), "The base that it becomes part of.")
        name = fields.required("name", .name(1...255).example("Planos e prazos"), "What the document is called.")
        content = fields.required("content", .text(1...1_000_000), "The text; Markdown headings become breadcrumbs.")
    }
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
