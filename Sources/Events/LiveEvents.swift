public import Logging
public import Postgres
public import Primitives
public import ServiceLifecycle
internal import Synchronization
public import Tenancy

/// The live events of a process: one query a tick over the log, whoever reads, fanned out in memory by tenant.
///
/// `position > head` loses nothing, although positions come from a sequence: they are drawn only inside the relay's
/// transaction, after it took the relay's lock, and Postgres gives that lock back after the transaction's rows have
/// become visible. So the next relay draws only when these are seen: whoever sees a position sees all lower ones.
public final class LiveEvents: Service {
    private struct State {
        /// Everything up to here has been offered; nil before the first look at the log.
        var head: EventCursor?
        var readers: [TenantID: [ObjectIdentifier: Reader]] = [:]
        var isStopped = false
    }

    private struct Reader {
        let subscriber: LiveSubscriber
        /// Whether what comes after the head is offered to it; before, it reads the log.
        var isAttached = false
        /// At which of the heartbeats' moments it gets its own.
        let phase = Int.random(in: 0..<phases)
    }

    /// The readers' heartbeats are spread over so many moments of an interval, so that no moment has them all.
    static let phases = 10
    /// Rows of the log read at once, by the hub and by a subscription that catches up.
    static let pageLength = 256

    private let worker: PostgresPool
    private let database: TenantDatabase
    private let interval: Duration
    private let heartbeat: Duration
    private let bufferSize: Int
    private let limits: StreamLimits
    private let logger: Logger
    private let wakeUp = WakeUp()
    private let state = Mutex(State())

    /// - Parameters:
    ///   - worker: reads the log across tenants.
    ///   - database: reads what one tenant missed.
    ///   - interval: how often the log is looked at when nobody says that there is news.
    ///   - heartbeat: how often a reader that waits is told where the log stands.
    ///   - bufferSize: bytes that may wait for one reader before it is cut off.
    ///   - limits: how many may read at once.
    public init(
        worker: PostgresPool,
        database: TenantDatabase,
        interval: Duration = .milliseconds(250),
        heartbeat: Duration = .seconds(10),
        bufferSize: Int = 256 * 1024,
        limits: StreamLimits = StreamLimits(),
        logger: Logger
    ) {
        self.worker = worker
        self.database = database
        self.interval = interval
        self.heartbeat = heartbeat
        self.bufferSize = bufferSize
        self.limits = limits
        self.logger = logger
    }

    /// Looks at the log until it is told to stop, then ends all subscriptions.
    ///
    /// A database that is away is asked again; subscriptions stay and miss nothing.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.follow() }
                group.addTask { await self.keepBeating() }
            }
        }
        end { state in
            state.isStopped = true
            return true
        }
    }

    private func follow() async {
        while !Task.isCancelled {
            do {
                while try await tick() {}
            } catch {
                if Task.isCancelled { break }
                logger.warning("the log of events cannot be read", error: error)
            }
            await wakeUp.wait(atMost: interval)
        }
    }

    /// One clock for all readers, which goes on while the database is away.
    private func keepBeating() async {
        var phase = 0
        // By the clock: a heartbeat is for when nothing happens, so no event can call for it.
        while (try? await Task.sleep(for: heartbeat / Self.phases)) != nil {
            beat(in: phase)
            phase = (phase + 1) % Self.phases
        }
    }

    /// Tells readers of a phase who wait where the log stands.
    func beat(in phase: Int) {
        state.withLock { state in
            guard let head = state.head else { return }
            for reader in state.readers.values.lazy.flatMap(\.values) where reader.isAttached && reader.phase == phase {
                reader.subscriber.beat(at: head)
            }
        }
    }

    /// There is news: look at the log now.
    public func poke() {
        wakeUp.poke()
    }

    /// A tenant's events that the filter admits: those after `cursor`, then those to come.
    ///
    /// From here on revocations close it. Whether one was told before, the caller has to ask once more
    /// (`OrganizationDirectory.confirm`).
    /// - Parameter overflowed: called when the reader is cut off because it took too little: it may be waiting for its
    ///   connection, which is to be closed.
    /// - Throws: `concurrency_limited`.
    public func subscribe(
        to tenantID: TenantID,
        by principal: Principal,
        after cursor: String? = nil,
        matching filter: EventFilter = EventFilter(),
        overflowed: @escaping @Sendable () -> Void = {}
    ) throws(Fault) -> LiveSubscription {
        let subscriber = LiveSubscriber(
            tenantID: tenantID,
            principal: principal,
            filter: filter,
            capacity: bufferSize,
            overflowed: overflowed
        )
        let isAdmitted = state.withLock { state in
            let others = state.readers[tenantID, default: [:]].values.lazy.map(\.subscriber.principal.actor)
            guard limits.admit(principal.actor, beside: others) else { return false }
            guard !state.isStopped else { return true }
            state.readers[tenantID, default: [:]][ObjectIdentifier(subscriber)] = Reader(subscriber: subscriber)
            return true
        }
        guard isAdmitted else { throw .tooManyStreams }
        return LiveSubscription(
            hub: self,
            subscriber: subscriber,
            splice: LiveSplice(after: cursor, filter: filter)
        )
    }

    /// Those who are offered what comes.
    public var subscriberCount: Int {
        state.withLock { $0.readers.values.reduce(0) { $0 + $1.values.count(where: \.isAttached) } }
    }

    /// Lets those go whom `revocations` concern; they learn why when they come back.
    public func close(_ revocations: Revocations) {
        let revoked = state.withLock { state in
            state.readers.values.flatMap { $0.values.map(\.subscriber) }.filter {
                revocations.cover($0.principal, of: $0.tenantID)
            }
        }
        for subscriber in revoked { subscriber.end() }
    }

    /// Offers what is new in the log to those who read it.
    /// - Returns: whether there may be more at once.
    @discardableResult
    public func tick() async throws -> Bool {
        let head = try await knownHead()
        guard subscriberCount > 0 else {
            let newest = try await worker.queryFirst(SelectLogHead()) ?? .beginning
            // Somebody who attached meanwhile is owed what came after `head`.
            state.withLock { state in
                let isRead = state.readers.values.contains { $0.values.contains(where: \.isAttached) }
                if !isRead, state.head == head { state.head = newest }
            }
            return false
        }
        let page = try await worker.query(SelectLog(position: head.position, limit: Self.pageLength + 1))
        guard let entries = head.entries(on: page) else {
            loseHead(head)
            return false
        }
        guard let last = entries.last else { return false }
        state.withLock { state in
            guard state.head == head else { return }
            for entry in entries {
                guard let event = entry.event, let readers = state.readers[entry.tenantID] else { continue }
                for reader in readers.values where reader.isAttached { reader.subscriber.offer(event) }
            }
            state.head = last.cursor
        }
        return page.count > Self.pageLength
    }

    /// The row of the head is gone: this process slept until the log was trimmed beyond it, or the log was restored to
    /// an earlier state.
    ///
    /// Readers are let go; they come back with their cursors, and are told what of theirs is lost.
    private func loseHead(_ head: EventCursor) {
        logger.warning("the log of events does not go on from where it was read")
        end { state in
            guard state.head == head else { return false }
            state.head = nil
            return true
        }
    }

    /// Lets all readers go if `change` says so.
    private func end(if change: (inout State) -> Bool) {
        let subscribers = state.withLock { state in
            guard change(&state) else { return [LiveSubscriber]() }
            defer { state.readers = [:] }
            return state.readers.values.flatMap { $0.values.map(\.subscriber) }
        }
        for subscriber in subscribers { subscriber.end() }
    }
}

extension LiveEvents {
    enum Attachment {
        /// What comes after the head is offered from now on.
        case attached(EventCursor)
        case isBehind(EventCursor)
    }

    /// Offers all that comes after the head to `subscriber`, unless that is past `cursor` already.
    func attach(_ subscriber: LiveSubscriber, after cursor: EventCursor?) async throws -> Attachment {
        let known = try await knownHead()
        return state.withLock { state in
            let head = state.head ?? known
            state.head = head
            if let cursor, cursor.position < head.position { return .isBehind(head) }
            let id = ObjectIdentifier(subscriber)
            // Nothing is there where all readers were let go meanwhile.
            if state.readers[subscriber.tenantID]?[id] == nil { subscriber.end() }
            state.readers[subscriber.tenantID]?[id]?.isAttached = true
            return .attached(head)
        }
    }

    func detach(_ subscriber: LiveSubscriber) {
        subscriber.end()
        state.withLock { state in
            state.readers[subscriber.tenantID]?[ObjectIdentifier(subscriber)] = nil
            if state.readers[subscriber.tenantID]?.isEmpty == true { state.readers[subscriber.tenantID] = nil }
        }
    }

    func extent(at cursor: EventCursor) async throws -> LogExtent {
        guard let extent = try await worker.queryFirst(SelectLogExtent(position: cursor.position)) else {
            throw Fault(.internalFailure, .internalFailure)
        }
        return extent
    }

    func missed(by tenantID: TenantID, after: EventCursor, through: EventCursor) async throws -> [LogEntry] {
        let statement = SelectMissed(
            tenantID: tenantID,
            after: after.position,
            through: through.position,
            limit: Self.pageLength
        )
        return try await database.query(statement, in: tenantID)
    }

    private func knownHead() async throws -> EventCursor {
        if let head = state.withLock(\.head) { return head }
        let newest = try await worker.queryFirst(SelectLogHead()) ?? .beginning
        return state.withLock { state in
            state.head = state.head ?? newest
            return state.head ?? newest
        }
    }
}
