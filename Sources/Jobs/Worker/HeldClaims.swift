internal import FoundationEssentials

/// The claims that a process has, until when it trusts each, and what stops them.
///
/// A value without a clock: instants are of the process's own monotonic clock, and are those at which a statement was sent,
/// before the database began to count the lease. What must stop is returned as the handles that `begin` was given.
struct HeldClaims<Handle> {
    typealias Instant = ContinuousClock.Instant

    enum StopReason: Hashable, Sendable {
        /// The job is another's, or has ended.
        case leaseLost
        /// Nothing was heard of the lease for too long: the job may soon be another's.
        case unheard
        /// The attempt takes longer than its kind may.
        case overdue
        /// The process ends.
        case shutdown

        fileprivate var strength: Int {
            switch self {
            case .leaseLost: 3
            case .unheard: 2
            case .overdue, .shutdown: 1
            }
        }
    }

    private struct Held {
        let claim: JobClaim
        let queue: JobQueue
        var trustedUntil: Instant
        var handle: Handle?
        var deadline: Instant?
        var stopReason: StopReason?
        var isStoppingSince: Instant?
        var isAbandoned = false
    }

    private let trust: Duration
    private let patience: Duration
    private var held: [UUID: Held] = [:]
    private(set) var isDraining = false

    /// - Parameter patience: how long a handler that has to stop is waited for.
    init(trust: Duration, patience: Duration) {
        self.trust = trust
        self.patience = patience
    }

    /// Those whose leases are to be renewed.
    var claims: [JobClaim] { held.values.filter { !$0.isAbandoned }.map(\.claim) }

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
    /// - Parameter deadline: when it must have ended.
    /// - Returns: whether it has to stop at once.
    mutating func begin(_ id: UUID, _ handle: Handle, deadline: Instant) -> Bool {
        held[id]?.handle = handle
        held[id]?.deadline = deadline
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

    /// - Returns: what must stop, because nothing was heard of its lease for too long, or because it takes too long.
    mutating func expire(now: Instant) -> [Handle] {
        held.values.compactMap { claim in
            if claim.trustedUntil <= now { return stop(claim.claim.id, .unheard) }
            guard let deadline = claim.deadline, deadline <= now else { return nil }
            return stop(claim.claim.id, .overdue)
        }
    }

    /// To be called again and again: patience begins with the first call that finds that something has to stop.
    /// - Returns: what had to stop and goes on, and is not waited for any longer; its lease is not renewed any more.
    mutating func abandon(now: Instant) -> [Handle] {
        held.values.filter { $0.stopReason != nil && !$0.isAbandoned }.compactMap { claim in
            let since = claim.isStoppingSince ?? now
            held[claim.claim.id]?.isStoppingSince = since
            guard now - since >= patience else { return nil }
            held[claim.claim.id]?.isAbandoned = true
            return claim.handle
        }
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
        guard let claim = held[id], claim.stopReason != .leaseLost, claim.stopReason != .unheard else { return false }
        return now < claim.trustedUntil
    }

    mutating func end(_ id: UUID) {
        held[id] = nil
    }

    /// A stronger reason replaces another, of equal ones the first stays: what is lost is not given back.
    private mutating func stop(_ id: UUID, _ reason: StopReason) -> Handle? {
        guard let claim = held[id], reason.strength > claim.stopReason?.strength ?? 0 else { return nil }
        held[id]?.stopReason = reason
        return claim.handle
    }
}
