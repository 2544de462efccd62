internal import Testing

@testable internal import Redis

@Suite("A subscription's mailbox")
struct RedisMailboxTests {
    private var mailbox = RedisMailbox<Int>(capacity: 3)

    private func message(_ number: UInt8) -> RedisMessage {
        .message(channel: "news", payload: [number])
    }

    private mutating func takeAll() -> [RedisMessage] {
        var messages: [RedisMessage] = []
        while case .message(let message) = mailbox.take(waiter: 0) { messages.append(message) }
        return messages
    }

    @Test("Messages come out in order")
    mutating func order() {
        for message in [.gap, message(1), message(2)] { #expect(mailbox.put(message)?.0 == nil) }
        #expect(takeAll() == [.gap, message(1), message(2)])
    }

    @Test("A message goes straight to the reader that waits")
    mutating func waiting() throws {
        guard case .wait = mailbox.take(waiter: 7) else {
            Issue.record("the mailbox is empty")
            return
        }
        let delivery = mailbox.put(message(1))
        let (reader, message) = try #require(delivery)
        #expect(reader == 7)
        #expect(message == self.message(1))
        #expect(mailbox.put(self.message(2))?.0 == nil)
    }

    @Test("One message too many makes them all a gap")
    mutating func overflow() {
        for number in 1...4 { #expect(mailbox.put(message(UInt8(number)))?.0 == nil) }
        #expect(takeAll() == [.gap, message(4)])
    }

    @Test("A gap makes what was before it needless")
    mutating func gap() {
        for message in [message(1), message(2), .gap, message(3)] { #expect(mailbox.put(message)?.0 == nil) }
        #expect(takeAll() == [.gap, message(3)])
    }

    @Test("It ends after what is in it, and lets go the reader that waits")
    mutating func finish() {
        _ = mailbox.put(message(1))
        #expect(mailbox.finish() == nil)
        #expect(mailbox.put(message(2))?.0 == nil)
        guard case .message(let last) = mailbox.take(waiter: 1) else {
            Issue.record("a message is left")
            return
        }
        #expect(last == message(1))
        guard case .finished = mailbox.take(waiter: 1) else {
            Issue.record("the mailbox is finished")
            return
        }
        var other = RedisMailbox<Int>(capacity: 3)
        _ = other.take(waiter: 9)
        #expect(other.finish() == 9)
    }
}
