public import Primitives

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
