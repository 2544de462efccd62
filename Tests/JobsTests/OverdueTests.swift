internal import Postgres
internal import Primitives
internal import Synchronization
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs

@Suite("A handler that takes too long", .database) struct OverdueTests {
    private let tenant = TenantID.next()

    /// Something that goes on, cancelled or not, until it is told to end.
    private final class Stubborn: Sendable {
        private let waiter = Mutex<CheckedContinuation<Void, Never>?>(nil)

        func wait() async {
            await withCheckedContinuation { continuation in waiter.withLock { $0 = continuation } }
        }

        var isWaiting: Bool { waiter.withLock { $0 != nil } }

        func end() {
            waiter.withLock { waiter in
                waiter?.resume()
                waiter = nil
            }
        }
    }

    @Test("is cancelled, and its attempt has failed")
    func cancelled() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let worker = database.jobWorker(observations: observations) { _, _ in
            start.yield()
            try await untilCancelled()
            return .completed
        }
        try await database.enqueue(for: tenant)
        let job = try #require(try await worker.claim().first)
        async let execution: Void = worker.execute(job)
        _ = await started.first { true }
        worker.pass(.seconds(50), with: job)
        #expect(worker.claims.withLock { $0.stopReason(job.claim.id) } == nil)
        worker.pass(.seconds(70), with: job)
        await execution
        #expect(observations.endings == ["failed: took longer than 60.0 seconds"])
        #expect(try await database.jobRows() == ["available 1 0"])
    }

    @Test(
        "and goes on although it is cancelled is not waited for: another has the job, and what it commits later does not count"
    )
    func abandoned() async throws {
        let database = try TestDatabase.current
        try await database.administrator.unsafeScript(EffectTable.script)
        let observations = Observations()
        let stubborn = Stubborn()
        let (ends, end) = AsyncStream.makeStream(of: Fault.Code?.self)
        let worker = database.jobWorker(observations: observations) { _, context in
            await stubborn.wait()
            // In a task that nobody cancels.
            let late = Task {
                _ = try await context.complete { try await $0.execute(InsertEffect(jobID: context.jobID)) }
            }
            if case .failure(let error) = await late.result {
                end.yield((error as? Fault)?.code)
            } else {
                end.yield(nil)
            }
            return .completed
        }
        try await database.enqueue(for: tenant)
        let job = try #require(try await worker.claim().first)
        async let execution: Void = worker.execute(job)
        try await until { stubborn.isWaiting }
        worker.giveUp(on: job)
        await execution
        #expect(observations.endings == ["failed: took longer than 60.0 seconds"])
        #expect(worker.claims.withLock { $0.count(in: Note.queue) } == 0, "its slot is free")
        let again = try #require(try await database.jobWorker().claim().first)
        #expect(again.id == job.id)
        #expect(again.attempt == 2)
        stubborn.end()
        #expect(await ends.first { _ in true } == .some(.jobLeaseLost))
        #expect(try await database.administrator.query(SelectEffects()).isEmpty)
        #expect(try await database.jobRows() == ["running 2 0"])
    }

    @Test("in a transaction that holds its claim keeps the job until that has ended")
    func holding() async throws {
        let database = try TestDatabase.current
        let observations = Observations()
        let stubborn = Stubborn()
        let worker = database.jobWorker(observations: observations) { _, context in
            try await context.transaction { _ in await stubborn.wait() }
            return .completed
        }
        try await database.enqueue(for: tenant)
        let job = try #require(try await worker.claim().first)
        async let execution: Void = worker.execute(job)
        try await until { stubborn.isWaiting }
        worker.giveUp(on: job)
        // It is tried, and waits for the transaction.
        try await until { try await database.administrator.query(CountWaitingForLock()) == [1] }
        #expect(try await database.jobRows() == ["running 1 0"])
        stubborn.end()
        await execution
        #expect(observations.endings == ["failed: took longer than 60.0 seconds"])
        #expect(try await database.jobRows() == ["available 1 0"])
    }
}

extension JobWorker {
    /// So long after now, with the job's lease renewed all the while.
    fileprivate func pass(_ duration: Duration, with job: ClaimedJob) {
        let now = ContinuousClock.now + duration
        claims.withLock { _ = $0.renew([job.claim], known: [job.claim.id: true], sentAt: now) }
        stopWhatIsOver(now: now)
    }

    /// Its minute has passed, and patience too.
    fileprivate func giveUp(on job: ClaimedJob) {
        pass(.seconds(70), with: job)
        pass(.seconds(80), with: job)
    }
}
