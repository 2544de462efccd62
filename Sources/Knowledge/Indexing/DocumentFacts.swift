package import Tenancy

/// Who is told that a document became ready: the event and the ledger row of the fact.
///
/// Called in the transaction that makes it ready, once for each document.
package protocol DocumentFacts: Sendable {
    func documentIndexed(_ document: Document, in transaction: TenantTransaction) async throws
}
