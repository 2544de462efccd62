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

    @Test("counts a tenant's jobs by queue, kind and state")
    func counts() async throws {
        let database = try TestDatabase.current
        _ = try await bury(database, [JobOptions()])
        try await database.enqueue([NewJob(Note()), NewJob(Note()), NewJob(Letter())], for: tenant)
        try await database.enqueue([NewJob(Note())], for: .next())
        _ = try await database.jobWorker().claim(1, after: .none)
        let counts = try await database.tenants.transaction(in: tenant) { try await inspection.counts(in: $0) }
        let running = counts.filter { $0.state == .running }.map(\.count).reduce(0, +)
        let available = counts.filter { $0.state == .available }.map(\.count).reduce(0, +)
        #expect(running + available == 3)
        #expect(running <= 1)
        #expect(counts.filter { $0.state == .dead }.map(\.count) == [1])
        #expect(Set(counts.map(\.kind)) == [Note.kind, Letter.kind])
    }

    @Test("lists the dead, the latest first, page by page")
    func pages() async throws {
        let database = try TestDatabase.current
        let ids = try await bury(database, [JobOptions(), JobOptions(), JobOptions()])
        let first = try await database.tenants.transaction(in: tenant) {
            try await inspection.dead(PageRequest(limit: 2, after: nil), in: $0)
        }
        #expect(first.items.map(\.id) == [ids[2], ids[1]])
        #expect(first.items.map(\.failure) == ["broken", "broken"])
        let second = try await database.tenants.transaction(in: tenant) {
            try await inspection.dead(PageRequest(limit: 2, after: first.next), in: $0)
        }
        #expect(second.items.map(\.id) == [ids[0]])
        #expect(second.next == nil)
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
