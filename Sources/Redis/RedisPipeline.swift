internal import DequeModule

/// The commands of one connection and their replies: what waits to be written, what waits for its reply, and whose
/// reply comes next.
///
/// A value without I/O; `Waiter` is whoever wants the reply.
///
/// Redis answers in the order of the commands. A command that gave up (a time-out) leaves its place in the queue, so
/// that its late reply is dropped and the replies after it keep their owners.
struct RedisPipeline<Waiter> {
    typealias Instant = ContinuousClock.Instant

    private enum Phase {
        case disconnected, connected, draining, ended
    }

    private struct Slot {
        var bytes: [UInt8]
        let deadline: Instant
        /// Nil once it gave up.
        var waiter: Waiter?
    }

    private let limit: Int
    private let stallTimeout: Duration
    private var phase = Phase.disconnected
    /// The first `sentCount` were written, in this order; the others wait to be.
    private var slots: Deque<Slot> = []
    private var sentCount = 0
    private var waiterCount = 0
    private var isFlushScheduled = false
    /// When a reply last came, or when the queue stopped being empty.
    private var lastProgress: Instant?
    /// When `expire` is to be called next.
    private var timer: Instant?

    init(limit: Int, stallTimeout: Duration) {
        self.limit = limit
        self.stallTimeout = stallTimeout
    }

    // MARK: Commands

    enum Submission {
        /// - Parameters:
        ///   - flush: Whether the caller is to see that `takeUnsent` is called; if not, somebody else does.
        ///   - timer: When to call `expire`, if that is earlier than was asked before.
        case accepted(flush: Bool, timer: Instant?)
        case refused(RedisError.Kind)
    }

    mutating func submit(_ bytes: [UInt8], deadline: Instant, now: Instant, waiter: Waiter) -> Submission {
        switch phase {
        case .disconnected: return .refused(.unavailable)
        case .draining, .ended: return .refused(.shutDown)
        case .connected: break
        }
        guard slots.count < limit else { return .refused(.overloaded) }
        if slots.isEmpty { lastProgress = now }
        slots.append(Slot(bytes: bytes, deadline: deadline, waiter: waiter))
        waiterCount += 1
        let flush = !isFlushScheduled
        isFlushScheduled = true
        let next = min(deadline, now + stallTimeout)
        guard timer.map({ next < $0 }) ?? true else { return .accepted(flush: flush, timer: nil) }
        timer = next
        return .accepted(flush: flush, timer: next)
    }

    /// The commands to write now, in order; what gave up before it was written is left out, and so never runs.
    mutating func takeUnsent() -> [[UInt8]] {
        isFlushScheduled = false
        var commands: [[UInt8]] = []
        commands.reserveCapacity(slots.count - sentCount)
        var next = sentCount
        for index in sentCount..<slots.count where slots[index].waiter != nil {
            var slot = slots[index]
            commands.append(slot.bytes)
            slot.bytes = []
            slots[next] = slot
            next += 1
        }
        slots.removeLast(slots.count - next)
        sentCount = next
        return commands
    }

    // MARK: Replies

    enum Match {
        case deliver(Waiter)
        /// Its owner gave up.
        case drop
        /// Nothing was asked: this is not our protocol.
        case unexpected
    }

    /// Whose reply the next one is.
    mutating func receive(now: Instant) -> Match {
        // Late bytes of a connection that we gave up.
        guard phase == .connected || phase == .draining else { return .drop }
        guard sentCount > 0 else { return .unexpected }
        lastProgress = now
        sentCount -= 1
        guard let waiter = slots.removeFirst().waiter else { return .drop }
        waiterCount -= 1
        return .deliver(waiter)
    }

    // MARK: Time

    struct Expiry {
        var timedOut: [Waiter] = []
        /// Commands wait and nothing comes: the connection is to be closed.
        var isStalled = false
        /// When to call again.
        var timer: Instant?
    }

    mutating func expire(now: Instant) -> Expiry {
        var expiry = Expiry()
        var next: Instant?
        for index in slots.indices {
            guard let waiter = slots[index].waiter else { continue }
            if slots[index].deadline <= now {
                expiry.timedOut.append(waiter)
                slots[index].waiter = nil
            } else {
                next = min(next ?? slots[index].deadline, slots[index].deadline)
            }
        }
        waiterCount -= expiry.timedOut.count
        if !slots.isEmpty, let lastProgress {
            let stall = lastProgress + stallTimeout
            expiry.isStalled = stall <= now
            if !expiry.isStalled { next = min(next ?? stall, stall) }
        }
        timer = next
        expiry.timer = next
        return expiry
    }

    // MARK: The connection's life

    /// Whether the connection is wanted; if not, it is to be closed.
    mutating func connect() -> Bool {
        guard phase == .disconnected else { return false }
        phase = .connected
        return true
    }

    /// The connection is gone; gives those who wait in vain.
    ///
    /// Harmless when repeated.
    mutating func disconnect() -> [Waiter] {
        switch phase {
        case .connected: phase = .disconnected
        case .draining: phase = .ended
        case .disconnected, .ended: break
        }
        defer {
            slots.removeAll()
            sentCount = 0
            waiterCount = 0
            isFlushScheduled = false
            timer = nil
        }
        return slots.compactMap(\.waiter)
    }

    /// Takes no more commands; what was taken may finish.
    mutating func shutDown() {
        switch phase {
        case .connected: phase = .draining
        case .disconnected: phase = .ended
        case .draining, .ended: break
        }
    }

    /// Whether nobody waits any more and nobody will: the connection is to be closed.
    var isDrained: Bool {
        phase == .draining && waiterCount == 0
    }

}
