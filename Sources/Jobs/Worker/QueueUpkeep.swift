internal import FoundationEssentials
internal import Postgres
internal import Primitives

/// What a worker does for its queues beside their jobs: all of it can be done by any number of processes at once.
struct QueueUpkeep: Sendable {
    let configuration: JobWorkerConfiguration
    let handlers: JobHandlers
    /// The worker's, which sees the jobs of all tenants.
    let pool: PostgresPool
    /// Of the queues that this process works on.
    let wakeUps: [JobQueue: WakeUp]
    let observe: @Sendable (JobObservation) -> Void

    /// Until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await every(configuration.rescue) { try await rescue() } }
            group.addTask { await every(.seconds(15)) { try await lookAtQueues() } }
            group.addTask { await every(.seconds(3600)) { await forgetOld() } }
            group.addTask { await every(configuration.poll) { try await releaseDue() } }
        }
    }

    /// Puts jobs whose time has come where they are claimed.
    func releaseDue() async throws {
        // In short transactions.
        let limit = 1000
        var count: Int
        repeat {
            let released = try await pool.query(ReleaseDueJobs(limit: limit))
            for (queue, _) in released { wakeUps[queue]?.poke() }
            count = released.reduce(0) { $0 + $1.count }
        } while count == limit
    }

    /// Takes jobs from workers that were lost.
    /// - Returns: them; at most 1,000.
    @discardableResult
    func rescue() async throws -> [RescuedJob] {
        let rescue = RescueJobs(maximumCrashes: JobWorkerConfiguration.maximumCrashes, limit: 1000)
        let rescued = try await pool.query(rescue)
        for job in rescued { observe(.rescued(job)) }
        if !rescued.isEmpty { wakeUps.values.forEach { $0.poke() } }
        return rescued
    }

    /// Counts what waits, and tells of kinds that nobody here knows.
    func lookAtQueues() async throws {
        for queue in configuration.queues {
            let rows = try await pool.query(SelectWaitingJobs(queue: queue.queue))
            let waiting = rows.map { kind, count, oldest in
                WaitingJobs(kind: kind, count: count, oldest: oldest, isUnknown: handlers[kind] == nil)
            }
            observe(.waiting(queue.queue, waiting))
        }
    }

    /// Makes room for what will finish, and forgets what nobody asks for any more; what fails keeps nothing after it from
    /// being done.
    func forgetOld() async {
        // What fails for days on end has not yet kept a job from finishing.
        await trying { try await pool.execute(EnsureFinishedPartitions(ahead: .seconds(14 * 86_400))) }
        await trying { try await pool.execute(DropFinishedPartitions(age: configuration.finishedRetention)) }
        // In short transactions.
        let limit = 1000
        await trying {
            while try await pool.execute(DeleteOldDead(age: configuration.deadRetention, limit: limit)) == limit {}
        }
        await trying {
            while try await pool.execute(DeleteOldTicks(age: configuration.tickRetention, limit: limit)) == limit {}
        }
    }

    /// At once, and then again and again until the task is cancelled; also while the process drains.
    private func every(_ interval: Duration, _ body: () async throws -> Void) async {
        while !Task.isCancelled {
            await trying(body)
            // Workers are lost and days pass by the clock.
            try? await Task.sleep(for: interval)
        }
    }

    private func trying(_ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            if !Task.isCancelled { observe(.unreachable(error)) }
        }
    }
}
