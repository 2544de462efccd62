internal import Postgres
internal import Primitives

// The tables that `ops/chaos` makes and counts.

struct InsertCauses: Command {
    static let sql = "INSERT INTO chaos.cause (job_id) SELECT unnest($1::uuid[])"
    let jobIDs: [JobID]
    var bindings: Bindings { [jobIDs] }
}

struct CountCauses: Statement {
    static let sql = "SELECT count(*) FROM chaos.cause"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

struct InsertBeginning: Command {
    static let sql = "INSERT INTO chaos.beginning (job_id, attempt, crashes, process) VALUES ($1, $2, $3, $4)"
    let jobID: JobID
    let attempt: Int
    let crashes: Int
    let process: String
    var bindings: Bindings { [jobID, attempt, crashes, process] }
}

struct InsertPart: Command {
    static let sql = "INSERT INTO chaos.part (job_id) VALUES ($1)"
    let jobID: JobID
    var bindings: Bindings { [jobID] }
}

struct InsertEffect: Command {
    static let sql = "INSERT INTO chaos.effect (job_id) VALUES ($1)"
    let jobID: JobID
    var bindings: Bindings { [jobID] }
}
