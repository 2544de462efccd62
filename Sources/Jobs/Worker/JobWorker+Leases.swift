internal import Postgres
internal import Primitives
internal import Synchronization

/// How a worker keeps the jobs that it claimed, and lets go in time of those that it may not keep.
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

    func watchHandlers() async {
        // Trust and patience end by the clock, and a database that does not answer tells nothing.
        while (try? await Task.sleep(for: .seconds(1))) != nil { stopWhatIsOver() }
    }
}
