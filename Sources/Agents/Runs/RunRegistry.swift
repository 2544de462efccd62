internal import DequeModule
internal import Primitives
internal import Tenancy

/// The runs that this process makes or has made lately; a value without I/O.
struct RunRegistry {
    /// A run by its tenant too: an id of somebody else's finds nothing.
    struct Key: Hashable, Sendable {
        let tenantID: TenantID
        let runID: RunID
    }

    private struct Active {
        let journal: RunJournal
        /// Who asked.
        let principal: Principal
        /// Cancels the run's task; nil until there is one.
        var cancel: (@Sendable () -> Void)?
        var stopReason: RunStopReason?
    }

    private struct Ended {
        let key: Key
        let size: Int
        let at: ContinuousClock.Instant
    }

    private let configuration: RunConfiguration
    private var active: [Key: Active] = [:]
    private var activeOfTenant: [TenantID: Int] = [:]
    private var ended: Deque<Ended> = []
    private var endedJournals: [Key: RunJournal] = [:]
    private(set) var endedSize = 0
    private var isDraining = false

    init(_ configuration: RunConfiguration) {
        self.configuration = configuration
    }

    var activeCount: Int { active.count }
    var activeKeys: [Key] { Array(active.keys) }
    /// Those that have a task, so whose rows are committed.
    var begunKeys: [Key] { active.filter { $0.value.cancel != nil }.map(\.key) }

    /// Those that were asked for by somebody whom `revocations` concern, also where they are about to begin.
    func keys(coveredBy revocations: Revocations) -> [Key] {
        active.filter { revocations.cover($0.value.principal, of: $0.key.tenantID) }.map(\.key)
    }

    /// Takes a place for a run that is about to begin.
    /// - Throws: `draining`, `server_busy`.
    mutating func reserve(_ key: Key, _ journal: RunJournal, for principal: Principal) throws(Fault) {
        guard !isDraining else { throw .draining }
        guard active.count < configuration.maximumRuns,
            activeOfTenant[key.tenantID, default: 0] < configuration.maximumRunsOfTenant
        else { throw .serverBusy }
        active[key] = Active(journal: journal, principal: principal)
        activeOfTenant[key.tenantID, default: 0] += 1
    }

    /// Gives back the place of a run that did not begin.
    mutating func abandon(_ key: Key) {
        guard active.removeValue(forKey: key) != nil else { return }
        forgetOne(of: key.tenantID)
    }

    /// - Returns: true where the run was told to stop before it had a task.
    mutating func begin(_ key: Key, cancel: @escaping @Sendable () -> Void) -> Bool {
        active[key]?.cancel = cancel
        return active[key]?.stopReason != nil
    }

    /// - Returns: what cancels the run's task, if it is to be done; the first reason stands.
    mutating func stop(_ key: Key, _ reason: RunStopReason) -> (@Sendable () -> Void)? {
        guard active[key] != nil, active[key]?.stopReason == nil else { return nil }
        active[key]?.stopReason = reason
        return active[key]?.cancel
    }

    func stopReason(_ key: Key) -> RunStopReason? {
        active[key]?.stopReason
    }

    /// The run is over; its journal is kept for those who come late.
    mutating func end(_ key: Key, now: ContinuousClock.Instant) {
        guard let run = active.removeValue(forKey: key) else { return }
        forgetOne(of: key.tenantID)
        let entry = Ended(key: key, size: run.journal.size, at: now)
        ended.append(entry)
        endedJournals[key] = run.journal
        endedSize += entry.size
        forgetEnded(now: now)
    }

    /// Lets go of journals that are old enough, and of the oldest ones while all together are too large.
    mutating func forgetEnded(now: ContinuousClock.Instant) {
        while let first = ended.first,
            first.at + configuration.retention <= now || endedSize > configuration.maximumRetainedSize
        {
            ended.removeFirst()
            endedJournals[first.key] = nil
            endedSize -= first.size
        }
    }

    func journal(_ key: Key) -> RunJournal? {
        active[key]?.journal ?? endedJournals[key]
    }

    /// No run begins from now on.
    mutating func drain() {
        isDraining = true
    }

    private mutating func forgetOne(of tenantID: TenantID) {
        let left = activeOfTenant[tenantID, default: 1] - 1
        activeOfTenant[tenantID] = left > 0 ? left : nil
    }
}
