internal import Primitives
internal import Redis

/// The same limits within one process, for when Redis is away.
///
/// A value without I/O. It follows what Redis tells, so that a tenant that is at its limit there stays at its limit here.
///
/// It remembers a bounded number of subjects. When there are more it forgets those that are idle, and if most are not,
/// all of them: that gives each at most one burst more, as losing Redis does.
struct LocalRateLimits {
    typealias Instant = ContinuousClock.Instant

    private let capacity: Int
    /// Up to when each subject is booked.
    private var booked: [RedisKey: Instant] = [:]

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { booked.count }

    /// Asks the limits for one admission: all of a stage admit, or none from there on counts it.
    mutating func admit(_ subjects: [RateLimitSubject], now: Instant) -> RateLimitDecision {
        var backlogs = subjects.map { subject in
            max(0, booked[subject.key].map { now.duration(to: $0).microseconds } ?? 0)
        }
        let refusedStage = zip(subjects, backlogs).filter { !$0.limit.admits(backlog: $1) }.map(\.0.stage).min()
        makeRoom(for: subjects.count, now: now)
        for (index, subject) in subjects.enumerated() where subject.isCounted && subject.stage < refusedStage ?? .max {
            backlogs[index] += subject.limit.interval
            booked[subject.key] = now + .microseconds(backlogs[index])
        }
        return RateLimitDecision(subjects, backlogs: backlogs, refusedStage: refusedStage)
    }

    /// Takes over what Redis decided.
    ///
    /// Decisions may come in another order than Redis made them, so that nobody's booking goes back by one.
    mutating func follow(_ decision: RateLimitDecision, of subjects: [RateLimitSubject], now: Instant) {
        makeRoom(for: subjects.count, now: now)
        for (subject, standing) in zip(subjects, decision.standings) {
            let end = now + standing.reset
            if end > booked[subject.key] ?? now { booked[subject.key] = end }
        }
    }

    private mutating func makeRoom(for new: Int, now: Instant) {
        guard booked.count + new > capacity else { return }
        booked = booked.filter { $0.value > now }
        // With room for less than half, this would be done again too soon.
        if booked.count > capacity / 2 { booked.removeAll(keepingCapacity: true) }
    }
}
