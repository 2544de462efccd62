public import Primitives
internal import Postgres
public import Tenancy

/// Where the files are kept as they were sent.
public protocol OriginalStore: Sendable {
    /// Pieces of at most `OriginalPiece.maximumSize` bytes, by ordinals from 0 without a gap.
    func append(_ piece: [UInt8], ordinal: Int, to document: DocumentID, of tenantID: TenantID) async throws
    /// The whole file; empty where there is none.
    func read(_ document: DocumentID, of tenantID: TenantID) async throws -> [UInt8]
    /// Safe to repeat.
    func remove(_ document: DocumentID, of tenantID: TenantID) async throws
}

public enum OriginalPiece {
    /// Bytes.
    public static let maximumSize = 1 << 20
}

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
        _ = try await database.query(insertion, in: tenantID)
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
        while try await !database.query(deletion, in: tenantID).isEmpty {}
    }
}
