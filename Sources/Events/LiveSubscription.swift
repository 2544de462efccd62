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

    /// Ends it, also while it is being waited on.
    public func end() {
        subscriber.end()
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
        while !subscriber.isEnded {
            let step = splice.withLock { $0.step() }
            switch step {
            case .deliver(let item): return item
            case .finish: return nil
            case .receive: woken(await subscriber.next())
            case .judge, .attach, .read: try await catchUp(step)
            }
        }
        return nil
    }

    private func woken(_ wake: LiveSubscriber.Wake) {
        splice.withLock { splice in
            switch wake {
            case .event(let event): splice.received(event)
            case .heartbeat(let head): splice.beat(at: head)
            case .end: splice.received(nil)
            }
        }
    }

    /// Apart from the waiting, so that a reader that waits keeps no memory for this.
    private func catchUp(_ step: LiveSplice.Step) async throws {
        switch step {
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
        case .deliver, .receive, .finish: break
        }
    }
}
