internal import Analytics
internal import Events
package import Primitives
package import Tenancy

/// Appends `document_indexed` for dashboards and webhooks, and counts the document.
package struct LedgerDocumentFacts: DocumentFacts {
    private let clock: WallClock

    package init(clock: WallClock = .system) {
        self.clock = clock
    }

    package func documentIndexed(_ document: Document, in transaction: TenantTransaction) async throws {
        let now = clock.now()
        try await transaction.append(
            Event(
                .documentIndexed,
                data: [
                    "document_id": .string(document.id.description),
                    "knowledge_base_id": .string(document.baseID.description),
                    "name": .string(document.name),
                    "chunk_count": .init(integerLiteral: document.chunkCount),
                ],
                occurredAt: now
            )
        )
        try await transaction.record(
            [LedgerEntry(.documentIndexed, key: LedgerKey(.document, document.id), at: now, of: LedgerSubject())],
            clock: clock
        )
    }
}
