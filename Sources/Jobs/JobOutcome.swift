/// What a handler makes of a job.
///
/// Throwing is a failure: the job is tried again after its kind's backoff.
public enum JobOutcome: Sendable, Hashable {
    /// Done.
    case completed
    /// Not its time yet: again after a while, without having spent an attempt.
    case snooze(Duration)
    /// Failed, and again no sooner than that or the kind's backoff, whichever is longer; dead after the last attempt.
    case retry(after: Duration, because: String)
    /// There is nothing to do any more: finished, and not dead.
    case discard(because: String)
}
