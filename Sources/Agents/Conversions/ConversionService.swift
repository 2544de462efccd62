internal import Analytics
internal import Events
public import Primitives
internal import Secrets
public import Tenancy

/// A tenant's conversions.
public struct ConversionService: Sendable {
    private let database: TenantDatabase
    private let clock: WallClock

    public init(database: TenantDatabase, clock: WallClock = .system) {
        self.database = database
        self.clock = clock
    }

    /// Records a conversion, or, where its `dedupeKey` was used before for the same, gives the first one again.
    ///
    /// Guarantee: the conversion, what happened and what it counts for are committed together, once for each key.
    /// - Throws: `conversation_not_found`, `occurred_at_out_of_range`, `dedupe_conflict`.
    public func record(
        _ draft: ConversionDraft,
        in transaction: TenantTransaction
    ) async throws -> (conversion: Conversion, isNew: Bool) {
        let tenantID = transaction.tenantID
        let now = clock.now()
        let selection = SelectConversation(tenantID: tenantID, id: draft.conversationID)
        guard let conversation = try await transaction.queryFirst(selection) else { throw Fault.conversationNotFound }
        let conversion = Conversion(
            id: .next(),
            conversationID: conversation.id,
            agentID: conversation.agentID,
            value: draft.value,
            occurredAt: draft.occurredAt ?? now,
            dedupeKey: draft.dedupeKey,
            createdAt: now
        )
        let digest = draft.digest
        let insert = InsertConversion(tenantID: tenantID, conversion: conversion, payloadDigest: digest)
        guard try await transaction.execute(insert) == 1 else {
            // A statement of its own: it sees what a transaction that was waited for has committed.
            let first = SelectConversionByKey(tenantID: tenantID, dedupeKey: draft.dedupeKey)
            guard let first = try await transaction.queryFirst(first), first.payloadDigest == digest else {
                throw Fault.dedupeConflict
            }
            return (first.conversion, false)
        }
        try await transaction.append(.conversionRecorded(conversion))
        try await transaction.record([.conversion(conversion, channel: conversation.channel)], clock: clock)
        return (conversion, true)
    }

    /// The newest records first.
    public func conversions(_ request: PageRequest, in tenantID: TenantID) async throws -> Page<Conversion> {
        let rows = try await database.query(SelectConversions(tenantID: tenantID, request: request), in: tenantID)
        return Page(rows: rows, request: request, cursor: \.pageCursor)
    }
}

extension ConversionDraft {
    /// Of what was told, so that a repetition without a time is the same.
    fileprivate var digest: [UInt8] {
        let payload: JSON = [
            .string(conversationID.description),
            (value?.amount.description).map(JSON.string) ?? .null,
            (value?.currency.rawValue).map(JSON.string) ?? .null,
            (occurredAt?.description).map(JSON.string) ?? .null,
        ]
        return SHA256.digest(payload.encoded)
    }
}

extension LedgerEntry {
    fileprivate static func conversion(_ conversion: Conversion, channel: Conversation.Channel) -> LedgerEntry {
        LedgerEntry(
            .conversion,
            key: LedgerKey(.conversion, conversion.id),
            at: conversion.occurredAt,
            of: LedgerSubject(
                agentID: conversion.agentID,
                conversationID: conversion.conversationID,
                channel: channel.rawValue
            ),
            amount: conversion.value
        )
    }
}

extension Event {
    fileprivate static func conversionRecorded(_ conversion: Conversion) -> Event {
        Event(
            .conversionRecorded,
            data: [
                "conversion_id": .string(conversion.id.description),
                "conversation_id": .string(conversion.conversationID.description),
                "agent_id": .string(conversion.agentID.description),
                "value": (conversion.value?.text).map(JSON.string) ?? .null,
                "currency": (conversion.value?.currency.rawValue).map(JSON.string) ?? .null,
            ],
            agentID: conversion.agentID,
            subjectID: SubjectID(conversion.conversationID),
            occurredAt: conversion.occurredAt
        )
    }
}
