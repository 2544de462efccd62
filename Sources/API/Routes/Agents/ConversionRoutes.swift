internal import Agents
internal import Analytics
internal import HTTPTypes
internal import Primitives
internal import Tenancy

/// What came of conversations, with money attached.
struct ConversionRoutes {
    let conversions: ConversionService

    var endpoints: [TenantEndpoint] {
        [
            .write(
                .post,
                "/conversions",
                "Record a conversion; the same dedupe_key records it once",
                .data(.conversion, status: .created),
                audit: .of(.conversionRecorded, \.id),
                faults: [.conversationNotFound, .dedupeConflict, .occurredAtOutOfRange]
            ) { (input: BodyFields<ConversionBody>, transaction, context) in
                let conversion = try await conversions.record(input.body.draft, in: transaction).conversion
                // Takes it back where the caller may not record it.
                try context.tenant.require(conversion.agentID)
                return conversion
            },
            .read("/conversions", "List conversions, newest first", .page(of: .conversion)) {
                (input: PageFields, context) in
                try await conversions.conversions(input.page, in: context.tenant.tenantID)
            },
        ]
    }
}

private struct ConversionBody: FieldList {
    static let schemaName = "ConversionInput"
    static let unknownFields = UnknownFields.refused(exceptReadOnly: ["id", "agent_id", "created_at"])

    let draft: ConversionDraft

    init(from fields: inout FieldReader) {
        let conversationID = fields.required(
            "conversation_id",
            Field<ConversationID>.id(),
            "The conversation that it came of."
        )
        let amount = fields.optional(
            "value",
            .decimal(integerDigits: 12, fractionDigits: 2).example("199.90"),
            "What it was worth."
        )
        let currency = fields.optional(
            "currency",
            .currency,
            default: .brl,
            "BRL",
            "ISO 4217 code of the value."
        )
        draft = ConversionDraft(
            conversationID: conversationID,
            value: amount.map { Money($0, currency) },
            occurredAt: fields.optional("occurred_at", .timestamp, "Now; at most 35 days ago."),
            dedupeKey: fields.optional("dedupe_key", .name(1...200), "Your name for it: told twice, it counts once.")
        )
    }
}

extension Field where Value == Currency {
    fileprivate static let currency = Field<String>.name(3...3).pattern("^[A-Z]{3}$").refined(
        placeholder: Currency.brl,
        pt: "deve ser um código ISO 4217, como BRL",
        en: "must be an ISO 4217 code such as BRL"
    ) { Currency(rawValue: $0) }
}

extension Output where Value == Conversion {
    fileprivate static let conversion = Output.object(
        "Conversion",
        [
            Member("id", .id(), \.id),
            Member("conversation_id", .id(), \.conversationID),
            Member("agent_id", .id(), \.agentID),
            Member("value", Output<ExactDecimal>.amount.nullable) { $0.value?.amount },
            Member("currency", Output<String>.text.nullable) { $0.value?.currency.rawValue },
            Member("occurred_at", .timestamp, \.occurredAt),
            Member("dedupe_key", Output<String>.text.nullable, \.dedupeKey),
            Member("created_at", .timestamp, \.createdAt),
        ]
    )
}
