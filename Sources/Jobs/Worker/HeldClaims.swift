internal import FoundationEssentials

/// The claims that a process has, until when it trusts each, and what stops them.
///
/// A value without a clock: instants are of the process's own monotonic clock, and are those at which a statement was sent,
/// before the database began to count the lease. What must stop is returned as the handles that `begin` was given.
struct HeldClaims<Handle> {
    typealias Instant = ContinuousClock.Instant

    enum StopReason: Hashable, Sendable {
        /// The job is another's, or may be soon.
        case leaseLost
        /// The process ends.
        case shutdown
    }

    private struct Held {
        let claim: JobClaim
        let queue: JobQueue
        var trustedUntil: Instant
        var handle: Handle?
        var stopReason: StopReason?
    }

    private let trust: Duration
    private var held: [UUID: Held] = [:]
    private(set) var isDraining = false

    init(trust: Duration) {
        self.trust = trust
    }

    var claims: [JobClaim] { held.values.map(\.claim) }

    func count(in queue: JobQueue) -> Int {
        held.values.count { $0.queue == queue }
    }

    /// Takes new claims.
    /// - Returns: false, and takes none, once the process drains: they are to be given back.
    mutating func hold(_ claims: [JobClaim], in queue: JobQueue, sentAt: Instant) -> Bool {
        guard !isDraining else { return false }
        for claim in claims {
            held[claim.id] = Held(claim: claim, queue: queue, trustedUntil: sentAt + trust)
        }
        return true
    }

    /// A handler has begun.
    /// - Returns: whether it has to stop at once.
    mutating func begin(_ id: UUID, _ handle: Handle) -> Bool {
        held[id]?.handle = handle
        return held[id].map { $0.stopReason != nil } ?? true
    }

    /// What the database said of the claims that it was asked to renew.
    /// - Parameters:
    ///   - asked: claims made or renewed before the statement was sent.
    ///   - known: those that are still valid, and whether their lease was renewed.
    /// - Returns: what must stop, because its claim is not valid any more.
    mutating func renew(_ asked: [JobClaim], known: [UUID: Bool], sentAt: Instant) -> [Handle] {
        asked.compactMap { claim in
            guard let isRenewed = known[claim.id] else { return stop(claim.id, .leaseLost) }
            if isRenewed, let until = held[claim.id]?.trustedUntil {
                held[claim.id]?.trustedUntil = max(until, sentAt + trust)
            }
            return nil
        }
    }

    /// - Returns: what must stop, because nothing was heard of its lease for too long.
    mutating func expire(now: Instant) -> [Handle] {
        held.values.filter { $0.trustedUntil <= now }.compactMap { stop($0.claim.id, .leaseLost) }
    }

    /// Takes no more claims.
    mutating func drain() {
        isDraining = true
    }

    /// - Returns: everything that runs, which must stop.
    mutating func stopAll() -> [Handle] {
        held.keys.compactMap { stop($0, .shutdown) }
    }

    func stopReason(_ id: UUID) -> StopReason? {
        held[id]?.stopReason
    }

    func isTrusted(_ id: UUID, now: Instant) -> Bool {
        held[id].map { $0.stopReason != .leaseLost && now < $0.trustedUntil } ?? false
    }

    mutating func end(_ id: UUID) {
        held[id] = nil
    }

    /// A lost lease is a stronger reason than a shutdown: what is lost is not given back.
    private mutating func stop(_ id: UUID, _ reason: StopReason) -> Handle? {
        guard let claim = held[id], claim.stopReason != .leaseLost, claim.stopReason != reason else { return nil }
        held[id]?.stopReason = reason
        return claim.handle
    }
}
