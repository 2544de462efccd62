internal import FoundationEssentials
internal import Postgres

/// Finishes jobs of many slots: those that end while a statement is under way go into the next one together.
///
/// A caller goes on once its job's end is committed.
actor JobFinisher {
    private struct Waiting {
        let claim: JobClaim
        let outcome: FinishedOutcome
        let caller: CheckedContinuation<Bool, any Error>
    }

    /// Jobs a statement.
    private static let batchSize = 500

    private let pool: PostgresPool
    private var waiting: [Waiting] = []
    private var isFlushing = false

    /// - Parameter pool: the worker's.
    init(pool: PostgresPool) {
        self.pool = pool
    }

    /// - Returns: false where the claim was not valid any more.
    func finish(_ claim: JobClaim, as outcome: FinishedOutcome) async throws -> Bool {
        try await withCheckedThrowingContinuation { caller in
            waiting.append(Waiting(claim: claim, outcome: outcome, caller: caller))
            guard !isFlushing else { return }
            isFlushing = true
            // In a task of its own: others' jobs are in it, and this one's caller may be cancelled.
            Task { await flush() }
        }
    }

    private func flush() async {
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(Self.batchSize))
            waiting.removeFirst(batch.count)
            do {
                let statement = FinishJobs(batch.map(\.claim), as: batch.map(\.outcome))
                let finished = Set(try await pool.query(statement))
                for job in batch { job.caller.resume(returning: finished.contains(job.claim.id)) }
            } catch {
                for job in batch { job.caller.resume(throwing: error) }
            }
        }
        isFlushing = false
    }
}
