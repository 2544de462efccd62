/// Who may call and who waits: first come, first served, except that nobody waits behind a full host for another one.
struct CallSlots {
    typealias ID = UInt64

    enum Answer {
        case enter, wait, refuse
    }

    private let limits: CallLimits
    private var running: [String: Int] = [:]
    private var total = 0
    private var queue: [(id: ID, host: String)] = []

    init(_ limits: CallLimits) {
        self.limits = limits
    }

    /// Nobody who could enter is left in the queue by `leave`, so who comes and finds room overtakes nobody.
    mutating func arrive(_ id: ID, host: String) -> Answer {
        if hasRoom(host) {
            take(host)
            return .enter
        }
        guard queue.count < limits.waitingTotal, waiting(for: host) < limits.waitingPerHost else { return .refuse }
        queue.append((id, host))
        return .wait
    }

    /// One that entered is done.
    ///
    /// - Returns: who enters in its place.
    mutating func leave(host: String) -> ID? {
        total -= 1
        running[host] = running[host].flatMap { $0 > 1 ? $0 - 1 : nil }
        guard let next = queue.firstIndex(where: { hasRoom($0.host) }) else { return nil }
        let (id, host) = queue.remove(at: next)
        take(host)
        return id
    }

    /// - Returns: whether it was waiting; if not, it has entered or was refused.
    mutating func giveUp(_ id: ID) -> Bool {
        guard let place = queue.firstIndex(where: { $0.id == id }) else { return false }
        queue.remove(at: place)
        return true
    }

    func waiting(for host: String) -> Int { queue.count { $0.host == host } }

    private func hasRoom(_ host: String) -> Bool { total < limits.total && running[host, default: 0] < limits.perHost }

    private mutating func take(_ host: String) {
        total += 1
        running[host, default: 0] += 1
    }
}
