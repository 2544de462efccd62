internal import Jobs
internal import Postgres
internal import Primitives

// The tables that `ops/chaos` makes and counts.

struct InsertCauses: Command {
    static let sql = "INSERT INTO chaos.cause (job_id) SELECT unnest($1::uuid[])"
    let jobIDs: [JobID]
    var bindings: Bindings { [jobIDs] }
}

struct InsertHappenings: Command {
    static let sql = "INSERT INTO chaos.happening (event_id) SELECT unnest($1::uuid[])"
    let eventIDs: [EventID]
    var bindings: Bindings { [eventIDs] }
}

struct CountCauses: Statement {
    static let sql = "SELECT count(*) FROM chaos.cause"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

struct InsertBeginning: Command {
    static let sql = "INSERT INTO chaos.beginning (job_id, kind, attempt, crashes, process) VALUES ($1, $2, $3, $4, $5)"
    let jobID: JobID
    let kind: String
    let attempt: Int
    let crashes: Int
    let process: String
    var bindings: Bindings { [jobID, kind, attempt, crashes, process] }
}

struct InsertPart: Command {
    static let sql = "INSERT INTO chaos.part (job_id) VALUES ($1)"
    let jobID: JobID
    var bindings: Bindings { [jobID] }
}

/// With what its job was when it was claimed: only the claim that is valid may end it.
struct InsertEffect: Command {
    static let sql = "INSERT INTO chaos.effect (job_id, attempt, crashes) VALUES ($1, $2, $3)"
    let jobID: JobID
    let attempt: Int
    let crashes: Int
    var bindings: Bindings { [jobID, attempt, crashes] }
}

extension InsertEffect {
    init(_ context: JobContext) {
        self.init(jobID: context.jobID, attempt: context.attempt, crashes: context.crashes)
    }
}
