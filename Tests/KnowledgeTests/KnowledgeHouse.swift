internal import Analytics
internal import Knowledge
internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport

/// The module as a server wires it, over the test's database.
struct KnowledgeHouse: Sendable {
    let test: TestDatabase
    let database: TenantDatabase
    let bases = KnowledgeBaseService()
    let documents = DocumentService()
    let originals: PostgresOriginalStore
    let uploads: DocumentUploads
    let search: KnowledgeSearch
    let tenant = TenantID.next()
    /// What the jobs told, in that order.
    let observed = Observed()

    init(_ test: TestDatabase) async throws {
        self.test = test
        database = TenantDatabase(pool: test.app)
        originals = PostgresOriginalStore(database: database)
        uploads = DocumentUploads(database: database, originals: originals, maximumSize: 3 << 20)
        search = KnowledgeSearch(database: database)
        try await PartitionKeeper(pool: test.worker, logger: TestDatabase.logger).ensurePartitions()
    }

    func makeBase(_ name: String = "Loja", of tenant: TenantID? = nil) async throws -> KnowledgeBase {
        try await database.transaction(in: tenant ?? self.tenant) { transaction in
            try await bases.create(name: name, description: "", in: transaction)
        }
    }

    /// Received and accepted, not indexed yet.
    func upload(
        _ bytes: [UInt8],
        name: String = "a.md",
        into base: KnowledgeBaseID,
        of tenant: TenantID? = nil,
        pieceSize: Int = 100_000,
        within limits: PlanLimits = PlanLimits()
    ) async throws -> Document {
        let tenant = tenant ?? self.tenant
        let received = try await receive(bytes, name: name, into: base, of: tenant, pieceSize: pieceSize)
        return try await database.transaction(in: tenant) { transaction in
            try await uploads.accept(received, within: limits, in: transaction)
        }
    }

    /// An upload to a base of its own.
    func accepted(_ bytes: [UInt8], name: String = "a.md") async throws -> Document {
        try await upload(bytes, name: name, into: makeBase().id)
    }

    func receive(
        _ bytes: [UInt8],
        name: String = "a.md",
        into base: KnowledgeBaseID,
        of tenant: TenantID? = nil,
        pieceSize: Int = 100_000
    ) async throws -> ReceivedDocument {
        try await uploads.receive(
            Pieces(bytes: bytes, size: pieceSize),
            name: name,
            kind: DocumentKind(fileName: name, contentType: nil),
            origin: .upload,
            into: base,
            of: tenant ?? self.tenant
        )
    }

    func document(_ id: DocumentID, of tenant: TenantID? = nil) async throws -> Document {
        try await database.transaction(in: tenant ?? self.tenant) { try await documents.document(id, in: $0) }
    }

    func kept(_ id: DocumentID) async throws -> Kept.Row? {
        try await test.administrator.queryFirst(Kept(id: id))
    }
}

/// Bytes in pieces, as they come from a socket.
struct Pieces: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    typealias Failure = any Error

    let bytes: [UInt8]
    let size: Int
    /// Thrown after the last piece, as by a connection that breaks.
    var failure: (any Error)?

    func makeAsyncIterator() -> Iterator { Iterator(pieces: self) }

    struct Iterator: AsyncIteratorProtocol {
        let pieces: Pieces
        var position = 0

        mutating func next() async throws -> [UInt8]? {
            guard position < pieces.bytes.count else {
                if let failure = pieces.failure { throw failure }
                return nil
            }
            defer { position += pieces.size }
            return Array(pieces.bytes[position..<Swift.min(position + pieces.size, pieces.bytes.count)])
        }
    }
}

/// What is kept of a document, and told of it, as the administrator sees it.
struct Kept: Statement, Hashable {
    static let sql = """
        SELECT
            (SELECT count(*) FROM knowledge.blob WHERE document_id = $1),
            (SELECT count(*) FROM knowledge.chunk WHERE document_id = $1),
            (SELECT count(*) FROM events.event WHERE type = 'document_indexed' AND payload::jsonb->>'document_id' = $1::text),
            (
                SELECT count(*) FROM knowledge.billable
                JOIN analytics.usage_event USING (tenant_id, event_key, meter, quantity, occurred_at)
                WHERE event_key = $1::text
            ),
            status || ' ' || name
        FROM knowledge.document WHERE id = $1
        """
    let id: DocumentID

    var bindings: Bindings { [id] }

    struct Row: Hashable, Sendable {
        var blobs: Int
        var chunks: Int
        var events: Int
        var ledgerRows: Int
        var document: String
    }

    static func decode(_ row: inout RowReader) throws -> Row {
        Row(
            blobs: try row.read(),
            chunks: try row.read(),
            events: try row.read(),
            ledgerRows: try row.read(),
            document: try row.read()
        )
    }
}
