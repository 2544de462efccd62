internal import DequeModule

/// Who may have which connection, as a value: every input returns what to do, nothing here waits, connects or knows time
/// other than as a parameter.
///
/// There are never more connections than `size`, counting those that connect and those that close.
struct PoolStateMachine<Waiter: Sendable>: Sendable {
    typealias Instant = ContinuousClock.Instant
    typealias RequestID = UInt64
    typealias ConnectionID = UInt64

    enum Action: Sendable {
        case grant(Waiter, ConnectionID)
        case refuse(Waiter, Refusal)
        case connect(ConnectionID, after: Duration)
        case close(ConnectionID)
        /// The statement of that request is running on that connection.
        case cancel(ConnectionID, RequestID)
        /// The queue was empty and is no longer: see that `expire` is called at that moment.
        case wake(at: Instant)
        /// Shut down, and the last connection is gone.
        case finished
    }

    enum Refusal: Equatable, Sendable {
        case deadlinePassed, tooManyWaiting, cancelled, closed
    }

    struct Limits: Sendable {
        var size: Int
        var maximumWaiting: Int
        /// Before the second attempt to connect; doubled with each failure in a row.
        var firstBackoff = Duration.milliseconds(100)
        var longestBackoff = Duration.seconds(2)
    }

    fileprivate enum Connection: Equatable, Sendable {
        case connecting
        case idle
        case leased(RequestID)
        /// Lost while leased; counted until it is given back.
        case lost
        case closing
    }

    private struct Request: Sendable {
        let id: RequestID
        let waiter: Waiter
        let deadline: Instant
    }

    private let limits: Limits
    private var connections: [ConnectionID: Connection] = [:]
    /// The last one given back is lent first: its caches are warm, and the others may be closed by a proxy unnoticed.
    private var idle: [ConnectionID] = []
    private var waiting: Deque<Request> = []
    private var made: ConnectionID = 0
    private var failuresInARow = 0
    private var retryNotBefore: Instant?
    private var isShuttingDown = false

    init(_ limits: Limits) {
        self.limits = limits
    }

    var openCount: Int { connections.values.count { $0 == .idle || $0.isLeased } }
    var connectionCount: Int { connections.count }
    var idleCount: Int { idle.count }
    var waitingCount: Int { waiting.count }
    func isConnecting(_ id: ConnectionID) -> Bool { connections[id] == .connecting }
    var nextDeadline: Instant? { waiting.first?.deadline }

    /// - Parameter deadline: never earlier than that of the request before it.
    mutating func request(_ id: RequestID, _ waiter: Waiter, now: Instant, deadline: Instant) -> [Action] {
        guard !isShuttingDown else { return [.refuse(waiter, .closed)] }
        if let connection = idle.popLast() {
            connections[connection] = .leased(id)
            return [.grant(waiter, connection)]
        }
        guard waiting.count < limits.maximumWaiting else { return [.refuse(waiter, .tooManyWaiting)] }
        waiting.append(Request(id: id, waiter: waiter, deadline: deadline))
        return connectIfNeeded(now) + (waiting.count == 1 ? [.wake(at: deadline)] : [])
    }

    mutating func cancel(_ id: RequestID) -> [Action] {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            return [.refuse(waiting.remove(at: index).waiter, .cancelled)] + finishIfDone()
        }
        guard let connection = connections.first(where: { $0.value == .leased(id) })?.key else { return [] }
        return [.cancel(connection, id)]
    }

    mutating func connected(_ id: ConnectionID, now: Instant) -> [Action] {
        guard connections[id] == .connecting else { return [] }
        failuresInARow = 0
        retryNotBefore = nil
        return lend(id) + connectIfNeeded(now)
    }

    /// - Parameter jitter: 0.5 to 1, by which the pause before the next attempt is multiplied.
    mutating func closed(_ id: ConnectionID, now: Instant, jitter: Double) -> [Action] {
        switch connections[id] {
        case nil: return []
        case .leased, .lost:
            connections[id] = .lost
            return []
        case .connecting:
            failuresInARow += 1
            let doublings = min(failuresInARow - 1, 16)
            let pause = min(limits.firstBackoff * (1 << doublings), limits.longestBackoff)
            retryNotBefore = now + pause * jitter
        case .idle: idle.removeAll { $0 == id }
        case .closing: break
        }
        connections[id] = nil
        return connectIfNeeded(now) + finishIfDone()
    }

    /// - Parameter isReusable: outside a transaction, in a known state, still connected.
    mutating func released(_ id: ConnectionID, isReusable: Bool, now: Instant) -> [Action] {
        switch connections[id] {
        case .leased where isReusable: return lend(id)
        case .leased:
            connections[id] = .closing
            return [.close(id)]
        case .lost:
            connections[id] = nil
            return connectIfNeeded(now) + finishIfDone()
        default: return []
        }
    }

    mutating func expire(now: Instant) -> [Action] {
        var actions: [Action] = []
        while let first = waiting.first, first.deadline <= now {
            waiting.removeFirst()
            actions.append(.refuse(first.waiter, .deadlinePassed))
        }
        return actions + finishIfDone()
    }

    /// Refuses new requests; those that wait are served, then every connection is closed as it comes back.
    mutating func shutDown() -> [Action] {
        guard !isShuttingDown else { return [] }
        isShuttingDown = true
        let unneeded = connections.filter { $0.value == .idle || ($0.value == .connecting && waiting.isEmpty) }
        idle = []
        for id in unneeded.keys { connections[id] = .closing }
        return unneeded.keys.sorted().map(Action.close) + finishIfDone()
    }

    private mutating func lend(_ id: ConnectionID) -> [Action] {
        if let request = waiting.popFirst() {
            connections[id] = .leased(request.id)
            return [.grant(request.waiter, id)]
        }
        guard !isShuttingDown else {
            connections[id] = .closing
            return [.close(id)]
        }
        connections[id] = .idle
        idle.append(id)
        return []
    }

    /// One new connection for each request that waits; while connecting fails, only one attempt at a time.
    private mutating func connectIfNeeded(_ now: Instant) -> [Action] {
        // Said before anything is counted: it is asked at each request of a busy pool.
        guard connections.count < limits.size else { return [] }
        var actions: [Action] = []
        var connecting = connections.values.count { $0 == .connecting }
        let limit = failuresInARow > 0 ? 1 : waiting.count
        while connecting < min(limit, waiting.count), connections.count < limits.size {
            made += 1
            connections[made] = .connecting
            connecting += 1
            actions.append(.connect(made, after: retryNotBefore.map { max(.zero, $0 - now) } ?? .zero))
        }
        return actions
    }

    private func finishIfDone() -> [Action] {
        isShuttingDown && connections.isEmpty && waiting.isEmpty ? [.finished] : []
    }
}

extension PoolStateMachine.Connection {
    fileprivate var isLeased: Bool {
        if case .leased = self { true } else { false }
    }
}
