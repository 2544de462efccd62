public import Primitives

extension Fault.Code {
    /// The job is not this worker's any more: another has it, or it has ended.
    public static let jobLeaseLost = Fault.Code("job_lease_lost", .conflict)
    /// The cron expression of a schedule cannot be read.
    public static let scheduleInvalid = Fault.Code("schedule_invalid", .invalid)
}

extension Fault {
    static func jobLeaseLost(file: StaticString = #fileID, line: UInt = #line) -> Fault {
        Fault(
            .jobLeaseLost,
            LocalizedText(
                pt: "A tarefa já não pertence a este processo.",
                en: "The job no longer belongs to this worker."
            ),
            file: file,
            line: line
        )
    }

    static func scheduleInvalid(_ expression: String) -> Fault {
        Fault(
            .scheduleInvalid,
            LocalizedText(pt: "Agenda inválida: \(expression)", en: "Invalid schedule: \(expression)")
        )
    }
}
