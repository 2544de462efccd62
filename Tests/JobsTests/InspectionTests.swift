internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs

@Suite("Inspection", .database) struct InspectionTests {
    private let tenant = TenantID.next()
    private let inspection = JobInspection()

    /// Dead jobs of the tenant, in the order of their deaths.
    private func bury(_ database: TestDatabase, _ options: [JobOptions]) async throws -> [JobID] {
        let worker = database.jobWorker()
        var ids: [JobID] = []
        for options in options {
            try await database.enqueue(options, for: tenant)
            let job = try #require(try await worker.claim(1).first)
            #expect(try await database.worker.execute(BuryJob(claim: job.claim, failure: "broken")) == 1)
            ids.append(job.id)
        }
        return ids
    }

    @Test("a dead job that is retried is enqueued once, with all its attempts, and only by its own tenant")
    func retry() async throws {
        let database = try TestDatabase.current
        let id = try #require(try await bury(database, [JobOptions()]).first)
        let (tenant, inspection) = (tenant, inspection)
        #expect(try await database.tenants.transaction(in: .next()) { try await inspection.retry(id, in: $0) } == nil)
        let queues = try await withThrowingTaskGroup(of: JobQueue?.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await database.tenants.transaction(in: tenant) { try await inspection.retry(id, in: $0) }
                }
            }
            return try await group.reduce(into: [JobQueue]()) { if let queue = $1 { $0.append(queue) } }
        }
        #expect(queues == [Note.queue])
        #expect(try await database.jobRows() == ["available 0 0"])
    }

    @Test("an operator sees the dead of all tenants, the latest first, and whose they are")
    func allTenants() async throws {
        let database = try TestDatabase.current
        let ids = try await bury(database, [JobOptions(), JobOptions()])
        #expect(try await inspection.dead(10, from: database.worker).map(\.id) == ids.reversed())
        #expect(try await inspection.dead(1, from: database.worker).map(\.id) == [ids[1]])
        #expect(try await inspection.owners(of: [ids[0], .next()], in: database.worker) == [ids[0]: tenant])
    }

    @Test("a dead job stays dead while another of its key is live")
    func retryOfTakenKey() async throws {
        let database = try TestDatabase.current
        let options = JobOptions(uniqueKey: "a")
        let id = try #require(try await bury(database, [options]).first)
        try await database.enqueue(options, for: tenant)
        #expect(try await database.tenants.transaction(in: tenant) { try await inspection.retry(id, in: $0) } == nil)
        #expect(try await database.jobRows() == ["available 0 0", "dead"])
    }
}
