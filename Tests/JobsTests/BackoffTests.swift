internal import FoundationEssentials
internal import Primitives
internal import Testing

@testable internal import Jobs

@Suite("After a failure") struct BackoffTests {
    @Test("a job rests twice as long each time, up to the cap, whatever the attempt")
    func doubles() {
        let backoff = Backoff(base: .seconds(5), cap: .seconds(3600), jitter: 0.2)
        let delays = [1, 2, 3, 4, 10, 11, 100, .max].map { backoff.delay(after: $0, chance: 0) }
        #expect(delays == [5, 10, 20, 40, 2560, 3600, 3600, 3600].map { .seconds($0) })
    }

    @Test("chance only adds, and no more than its part")
    func jitter() {
        let backoff = Backoff(base: .seconds(5), cap: .seconds(3600), jitter: 0.2)
        #expect(backoff.delay(after: 1, chance: 1) == .seconds(6))
        for attempt in 1...30 {
            let least = backoff.delay(after: attempt, chance: 0)
            for chance in [-1, 0, 0.3, 1, 7] {
                let delay = backoff.delay(after: attempt, chance: chance)
                #expect(delay >= least)
                #expect(delay <= least * 1.2)
            }
        }
    }

    private func settlement(
        _ result: Result<JobOutcome, any Error>,
        attempt: Int = 1,
        isCompleted: Bool = false,
        stopReason: JobWorker.Claims.StopReason? = nil
    ) -> Settlement {
        let job = ClaimedJob(
            claim: JobClaim(tenantID: .next(), jobID: .next(), id: UUID()),
            queue: "q",
            kind: "k",
            attempt: attempt,
            maximumAttempts: 3,
            crashes: 0,
            waited: .zero,
            payload: .emptyObject
        )
        return Settlement(
            of: job,
            result,
            isCompleted: isCompleted,
            stopReason: stopReason,
            backoff: Backoff(base: .seconds(5)),
            maximumDuration: .seconds(60),
            chance: 0
        )
    }

    @Test("what becomes of a job follows from how its handler ended and why it was stopped")
    func settlements() {
        let failure = Result<JobOutcome, any Error>.failure(CancellationError())
        let slow = Fault(.internalFailure, .internalFailure, retryAfter: .seconds(60))
        #expect(settlement(.success(.completed)) == .complete)
        #expect(settlement(failure) == .retry(after: .seconds(5), because: "CancellationError()"))
        #expect(settlement(failure, attempt: 3) == .bury(because: "CancellationError()"))
        #expect(settlement(.failure(slow)) == .retry(after: .seconds(60), because: "internal_error"))
        #expect(settlement(.failure(Strange())) == .retry(after: .seconds(5), because: "ab"))
        #expect(settlement(.success(.snooze(.seconds(1))), attempt: 3) == .snooze(.seconds(1)))
        let again = Result<JobOutcome, any Error>.success(.retry(after: .seconds(1), because: "x"))
        #expect(settlement(again) == .retry(after: .seconds(5), because: "x"))
        #expect(settlement(again, attempt: 3) == .bury(because: "x"))
        #expect(settlement(failure, stopReason: .shutdown) == .giveBack)
        let reason = "took longer than 60.0 seconds"
        #expect(settlement(failure, stopReason: .overdue) == .retry(after: .seconds(5), because: reason))
        #expect(settlement(failure, attempt: 3, stopReason: .overdue) == .bury(because: reason))
        #expect(settlement(.success(.completed), stopReason: .overdue) == .complete)
        #expect(settlement(.success(.completed), stopReason: .shutdown) == .complete)
        #expect(settlement(.success(.completed), stopReason: .leaseLost) == .lost)
        #expect(settlement(failure, isCompleted: true, stopReason: .leaseLost) == .alreadyCompleted)
        #expect(settlement(.failure(Fault.jobLeaseLost())) == .lost)
    }

    private struct Strange: Error, CustomStringConvertible {
        let description = "a\0b"
    }
}
