internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@Suite("agentes jobs")
struct DeadJobTests {
    @Test("lists what was given up, and a job that is retried waits for a worker again")
    func retry() async throws {
        try await Program.deployed { program in
            let database = program.database.administrator
            let (tenant, id) = (TenantID.next(), JobID.next())
            try await database.unsafeScript(
                """
                INSERT INTO jobs.dead (tenant_id, id, queue, kind, payload, priority, attempt, maximum_attempts, crashes,
                    failure, created_at)
                VALUES ('\(tenant)', '\(id)', 'webhooks', 'webhooks.deliver', '{"secret": 1}', 2, 25, 25, 0, 'Broken()', now())
                """
            )
            let list = try await program.output(of: ["jobs", "dead"])
            for word in ["\(id)", "\(tenant)", "webhooks.deliver", "25/25 attempts", "Broken()"] {
                #expect(list.contains(word), "\(list)")
            }
            #expect(!list.contains("secret"))
            #expect(try await program.output(of: ["jobs", "retry", "\(id)"]) == "\(id) waits in webhooks\n")
            #expect(try await database.query(SelectWaitingIDs()) == [id])
            #expect(try await program.output(of: ["jobs", "dead"]).isEmpty)
            await #expect(throws: ProgramFailure.self) { try await program.output(of: ["jobs", "retry", "\(id)"]) }
        }
    }
}

private struct SelectWaitingIDs: Statement {
    static let sql = "SELECT id FROM jobs.job WHERE state = 'available' AND attempt = 0"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> JobID { try row.read() }
}
