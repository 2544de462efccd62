public import Primitives
public import Tenancy

extension TenantTransaction {
    /// Counts entries in the transaction of the business rows that they count: each key once for each meter.
    ///
    /// Guarantee: a ledger row exists exactly if its key's row does, both are of this transaction, and a key that was
    /// counted before with the same payload is not counted again. A concurrent transaction with the same key is waited
    /// for, so of two that both commit one has counted.
    /// - Returns: how many were counted now; the others had been before.
    /// - Throws: `dedupe_conflict` where a key was counted before with another payload, `occurred_at_out_of_range`. The
    ///   transaction is then to be rolled back.
    @discardableResult
    public func record(_ entries: [LedgerEntry], clock: WallClock = .system) async throws -> Int {
        guard !entries.isEmpty else { return 0 }
        let recording = try RecordEntries(tenantID: tenantID, entries: entries, clock: clock)
        return try await settle(recording, try await query(recording))
    }

    /// The second half of `record`, where its statement went with a batch.
    /// - Parameter counted: what the statement gave.
    /// - Throws: `dedupe_conflict`.
    @discardableResult
    public func settle(_ recording: RecordEntries, _ counted: [Int]) async throws -> Int {
        let counted = counted.first ?? 0
        guard counted < recording.entries.count else { return counted }
        // A statement of its own: it sees what the transactions that were waited for have committed.
        let payloads = CountUnequalPayloads(tenantID: tenantID, entries: recording.entries)
        guard try await queryFirst(payloads) == 0 else { throw Fault.dedupeConflict }
        return counted
    }
}
