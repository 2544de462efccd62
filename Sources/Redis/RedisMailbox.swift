internal import DequeModule

/// What a subscriber reads.
public enum RedisMessage: Hashable, Sendable {
    /// From here on messages come; some that were published before may never. The first element, and again after each
    /// reconnection and when the reader was so slow that messages were dropped: read the state that they are about.
    case gap
    case message(channel: String, payload: [UInt8])
}

/// The messages that a subscriber has not read yet: at most `capacity`.
///
/// When there are more, all are dropped for one `.gap`: whoever has missed some must read the state anyway, and is then
/// up to date without the others.
struct RedisMailbox<Waiter> {
    private let capacity: Int
    private var messages: Deque<RedisMessage> = []
    private var waiter: Waiter?
    private var isFinished = false

    init(capacity: Int) {
        self.capacity = max(capacity, 2)
    }

    /// Puts a message in; gives the reader that waits for one, and the message that it gets.
    mutating func put(_ message: RedisMessage) -> (Waiter, RedisMessage)? {
        guard !isFinished else { return nil }
        if let waiter {
            self.waiter = nil
            return (waiter, message)
        }
        if message == .gap {
            messages = [.gap]
        } else if messages.count < capacity {
            messages.append(message)
        } else {
            messages = [.gap, message]
        }
        return nil
    }

    enum Taken {
        case message(RedisMessage)
        case finished
        /// The reader is kept until `put` or `finish` gives it back.
        case wait
    }

    mutating func take(waiter: Waiter) -> Taken {
        if let message = messages.popFirst() { return .message(message) }
        if isFinished { return .finished }
        precondition(self.waiter == nil, "a subscription has one reader")
        self.waiter = waiter
        return .wait
    }

    /// Ends it after what is in it; gives the reader that waits.
    mutating func finish() -> Waiter? {
        isFinished = true
        defer { waiter = nil }
        return waiter
    }
}
