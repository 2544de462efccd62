public import Primitives

extension Fault.Code {
    /// The key was counted before, with something else.
    public static let dedupeConflict = Fault.Code("dedupe_conflict", .conflict)
    public static let occurredAtOutOfRange = Fault.Code("occurred_at_out_of_range", .invalid)
}

extension Fault {
    static let dedupeConflict = Fault(
        .dedupeConflict,
        LocalizedText(
            pt: "Esta chave já foi registrada com outros dados.",
            en: "This key was already recorded with different data."
        )
    )

    static let occurredAtOutOfRange = Fault(
        .occurredAtOutOfRange,
        LocalizedText(
            pt: "A data do acontecimento deve estar entre 35 dias atrás e 5 minutos à frente.",
            en: "The time of occurrence must be between 35 days ago and 5 minutes ahead."
        )
    )

    static func invalid(_ field: String, _ message: LocalizedText, value: String) -> Fault {
        .validation([FieldProblem(field: field, message: message, value: String(value.prefix(100)))])
    }
}
