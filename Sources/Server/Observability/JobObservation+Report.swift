internal import Jobs
internal import Logging
internal import Metrics
internal import Primitives

extension JobObservation {
    /// Logs what somebody should read, and counts everything.
    func report(to logger: Logger) {
        switch self {
        case .completed(let job, let duration):
            count(job, "completed")
            Timer(label: "job_duration_seconds", dimensions: [("kind", job.kind)])
                .recordNanoseconds(duration.microseconds * 1000)
            Timer(label: "job_wait_seconds", dimensions: [("queue", job.queue.rawValue)])
                .recordNanoseconds(job.waited.microseconds * 1000)
        case .discarded(let job, let reason):
            count(job, "discarded")
            logger.info("job discarded", metadata: metadata(job, reason))
        case .snoozed(let job, _): count(job, "snoozed")
        case .failed(let job, let reason, _):
            count(job, "failed")
            logger.warning("job failed", metadata: metadata(job, reason))
        case .died(let job, let reason):
            count(job, "dead")
            logger.error("job given up", metadata: metadata(job, reason))
        case .returned(let job): count(job, "returned")
        case .leaseLost(let job):
            count(job, "lost")
            logger.warning("job lost to another worker", metadata: metadata(job))
        case .rescued(let job):
            Counter(label: "jobs_rescued_total", dimensions: [("kind", job.kind)]).increment()
            let text: Logger.Message = job.isDead ? "job given up: workers were lost with it" : "job's worker was lost"
            let metadata: Logger.Metadata = ["job_id": "\(job.id)", "kind": "\(job.kind)"]
            logger.log(level: job.isDead ? .error : .warning, text, metadata: metadata)
        case .waiting(let queue, let jobs):
            for jobs in jobs {
                let dimensions = [("queue", queue.rawValue), ("kind", jobs.kind)]
                Meter(label: "jobs_waiting", dimensions: dimensions).set(jobs.count)
                Meter(label: "jobs_waiting_oldest_seconds", dimensions: dimensions).set(jobs.oldest.milliseconds / 1000)
                Meter(label: "jobs_waiting_unknown", dimensions: dimensions).set(jobs.isUnknown ? jobs.count : 0)
            }
        case .unreachable(let error): logger.warning("jobs: the database did not do it", error: error)
        }
    }

    private func count(_ job: ClaimedJob, _ outcome: String) {
        Counter(label: "jobs_total", dimensions: [("kind", job.kind), ("outcome", outcome)]).increment()
    }

    private func metadata(_ job: ClaimedJob, _ reason: String? = nil) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "job_id": "\(job.id)", "kind": "\(job.kind)", "tenant_id": "\(job.tenantID)", "attempt": "\(job.attempt)",
        ]
        metadata["reason"] = reason.map { "\($0)" }
        return metadata
    }
}
