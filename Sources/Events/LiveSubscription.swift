internal import Primitives
internal import Synchronization
internal import Tenancy

/// One reader's view of its tenant's events: what it missed, then what happens, in order, each once.
///
/// For one task at a time; leaving it ends it. The sequence ends when the reader was too slow (it comes back with its
/// cursor), was let go by a revocation, or the hub has stopped; it throws what Postgres throws.
public final class LiveSubscription: AsyncSequence, Sendable {
    public typealias Element = LiveItem

    private let hub: LiveEvents
    private let subscriber: LiveSubscriber
    private let splice: Mutex<LiveSplice>

    init(hub: LiveEvents, subscriber: LiveSubscriber, splice: LiveSplice) {
        self.hub = hub
        self.subscriber = subscriber
        self.splice = Mutex(splice)
    }

    deinit {
        hub.detach(subscriber)
    }

    /// Where the reader may go on after what it has taken: an item is taken when the next one is asked for.
    ///
    /// It moves on with events that the reader does not see, of other types, agents and tenants, so send it as a
    /// heartbeat, and a quiet reader's cursor never falls out of what is kept. nil until there is one.
    public var cursor: EventCursor? {
        let head = hub.head(ifWaiting: subscriber)
        return splice.withLock { splice in
            if let head { splice.waited(at: head) }
            return splice.consumed
        }
    }

    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(subscription: self)
    }

    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let subscription: LiveSubscription

        public mutating func next() async throws -> LiveItem? {
            try await subscription.next()
        }
    }

    private func next() async throws -> LiveItem? {
        var step = splice.withLock { $0.next() }
        while !subscriber.isEnded {
            switch step {
            case .deliver(let item):
                return item
            case .judge(let cursor):
                let extent = try await hub.extent(at: cursor)
                splice.withLock { $0.judged(extent.gap(at: cursor)) }
            case .attach(let cursor):
                switch try await hub.attach(subscriber, after: cursor) {
                case .attached(let head): splice.withLock { $0.attached(at: head) }
                case .isBehind(let head): splice.withLock { $0.isBehind(head) }
                }
            case .read(let after, let through):
                let entries = try await hub.missed(by: subscriber.tenantID, after: after, through: through)
                // Asked after the page: if the row of `after` is still there, nothing of the page was trimmed away.
                let gap = try await hub.extent(at: after).gap(at: after)
                let isLast = entries.count < LiveEvents.pageLength
                splice.withLock { $0.read(entries, isLast: isLast, gap: gap) }
            case .receive:
                let event = await subscriber.next()
                splice.withLock { $0.received(event) }
            case .finish:
                return nil
            }
            step = splice.withLock { $0.step() }
        }
        return nil
    }
}
