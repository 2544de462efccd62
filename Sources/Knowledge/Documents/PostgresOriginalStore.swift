internal import Postgres
public import Primitives
public import Tenancy

/// Files in Postgres, beside what they belong to: one backup, one tenant rule.
///
/// A transaction touches a few pieces only.
public struct PostgresOriginalStore: OriginalStore {
    private let database: TenantDatabase

    public init(database: TenantDatabase) {
        self.database = database
    }

    public func append(_ piece: [UInt8], ordinal: Int, to document: DocumentID, of tenantID: TenantID) async throws {
        let insertion = InsertBlobPiece(tenantID: tenantID, documentID: document, ordinal: ordinal, bytes: piece)
        try await database.execute(insertion, in: tenantID)
    }

    public func read(_ document: DocumentID, of tenantID: TenantID) async throws -> [UInt8] {
        var file: [UInt8] = []
        var ordinal = 0
        while let piece = try await database.queryFirst(
            SelectBlobPiece(tenantID: tenantID, documentID: document, ordinal: ordinal),
            in: tenantID
        ) {
            file += piece
            ordinal += 1
        }
        return file
    }

    public func remove(_ document: DocumentID, of tenantID: TenantID) async throws {
        let deletion = DeleteBlobPieces(tenantID: tenantID, documentID: document)
        while try await database.execute(deletion, in: tenantID) > 0 {}
    }
}
