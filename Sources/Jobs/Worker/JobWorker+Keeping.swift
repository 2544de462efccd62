internal import FoundationEssentials
internal import Postgres
internal import Primitives
internal import Synchronization

/// What a worker does beside its jobs: all of it can be done by any number of processes at once.
extension JobWorker {
    /// Renews leases at every heartbeat, until the task is cancelled.
    ///
    /// A renewal is waited for no longer than half of one: where its connection has fallen silent, which takes minutes to be
    /// found out, the next begins at once on another. Its answer counts whenever it comes.
    func keepLeases() async {
        let patience = configuration.heartbeat / 2
        while !Task.isCancelled {
            let answered = WakeUp()
            let start = ContinuousClock.now
            Task {
                do {
                    try await self.renewLeases()
                } catch {
                    self.observe(.unreachable(error))
                }
                answered.poke()
            }
            await answered.wait(atMost: patience)
            guard ContinuousClock.now - start < patience else { continue }
            // Leases end by the clock.
            try? await Task.sleep(for: configuration.heartbeat)
        }
    }

    /// Renews the leases of all claims in one statement, and stops the handlers of those that are not valid any more.
    func renewLeases() async throws {
        let asked = claims.withLock { $0.claims }
        guard !asked.isEmpty else { return }
        let sentAt = ContinuousClock.now
        let rows = try await pool.query(RenewLeases(claims: asked, lease: configuration.lease))
        let known = Dictionary(rows.map { ($0.claimID, $0.isRenewed) }) { first, _ in first }
        claims.withLock { $0.renew(asked, known: known, sentAt: sentAt) }.forEach { $0.cancel() }
    }

    /// Stops the handlers of claims of which nothing was heard for too long, since soon another worker may have their jobs,
    /// and those that take too long; waits no longer for those that had to stop and go on.
    func stopWhatIsOver(now: ContinuousClock.Instant = .now) {
        claims.withLock { $0.expire(now: now) }.forEach { $0.cancel() }
        claims.withLock { $0.abandon(now: now) }.forEach { $0.abandon() }
    }

    /// Puts jobs whose time has come where they are claimed.
    func releaseDue() async throws {
        // In short transactions.
        let limit = 1000
        var count: Int
        repeat {
            let released = try await pool.query(ReleaseDueJobs(limit: limit))
            for (queue, _) in released { poke(queue) }
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
        if !rescued.isEmpty { pokeAll() }
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
    func every(_ interval: Duration, _ body: () async throws -> Void) async {
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

    func watchHandlers() async {
        // Trust and patience end by the clock, and a database that does not answer tells nothing.
        while (try? await Task.sleep(for: .seconds(1))) != nil { stopWhatIsOver() }
    }

    func stopAfterDrainTimeout() async {
        for await _ in untilDraining {}
        // What has not ended by itself when the grace is over is given back.
        guard (try? await Task.sleep(for: configuration.drainTimeout)) != nil else { return }
        claims.withLock { $0.stopAll() }.forEach { $0.cancel() }
    }
}
