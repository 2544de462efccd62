internal import TestSupport
internal import Testing

@testable internal import Redis

@Suite("The pipeline's state machine")
struct RedisPipelineTests {
    private let start = ContinuousClock.now
    private var pipeline = RedisPipeline<Int>(limit: 4, stallTimeout: .seconds(5))

    private mutating func submit(_ waiter: Int, after: Duration = .zero, timeout: Duration = .seconds(1)) -> String {
        let now = start + after
        switch pipeline.submit([UInt8(waiter)], deadline: now + timeout, now: now, waiter: waiter) {
        case .accepted(let flush, let timer): return "accepted flush=\(flush) timer=\(timer.map { $0 - start } as Any)"
        case .refused(let kind): return "refused \(kind)"
        }
    }

    private mutating func receive(after: Duration = .zero) -> String {
        switch pipeline.receive(now: start + after) {
        case .deliver(let waiter): "deliver \(waiter)"
        case .drop: "drop"
        case .unexpected: "unexpected"
        }
    }

    @Test("Commands fail at once without a connection, and after the end")
    mutating func phases() {
        #expect(submit(1) == "refused unavailable")
        let isWanted = pipeline.connect()
        #expect(isWanted)
        #expect(submit(1).hasPrefix("accepted"))
        pipeline.shutDown()
        #expect(submit(2) == "refused shutDown")
        #expect(pipeline.disconnect() == [1])
        #expect(submit(3) == "refused shutDown")
        let isWantedAgain = pipeline.connect()
        #expect(!isWantedAgain)
    }

    @Test("Commands submitted before the write travel in it together, and only the first asks for it")
    mutating func coalescing() {
        _ = pipeline.connect()
        #expect(submit(1) == "accepted flush=true timer=Optional(1.0 seconds)")
        #expect(submit(2) == "accepted flush=false timer=nil")
        #expect(pipeline.takeUnsent() == [[1], [2]])
        #expect(submit(3) == "accepted flush=true timer=nil")
        #expect(pipeline.takeUnsent() == [[3]])
        #expect(pipeline.takeUnsent().isEmpty)
    }

    @Test("Each reply belongs to the oldest command without one; a reply too many is not our protocol")
    mutating func order() {
        _ = pipeline.connect()
        _ = (submit(1), submit(2), pipeline.takeUnsent(), submit(3))
        #expect(receive() == "deliver 1")
        #expect(receive() == "deliver 2")
        // The third is not written yet.
        #expect(receive() == "unexpected")
    }

    @Test("A time-out fails its command only: its late reply is dropped and the next ones keep their owners")
    mutating func timeout() {
        _ = pipeline.connect()
        _ = (submit(1, timeout: .milliseconds(50)), submit(2), pipeline.takeUnsent())
        let expiry = pipeline.expire(now: start + .milliseconds(50))
        #expect(expiry.timedOut == [1])
        #expect(!expiry.isStalled)
        #expect(expiry.timer == start + .seconds(1))
        #expect(receive() == "drop")
        #expect(receive() == "deliver 2")
    }

    @Test("A command that timed out before it was written is never written")
    mutating func timeoutBeforeWrite() {
        _ = pipeline.connect()
        _ = (submit(1, timeout: .milliseconds(50)), submit(2))
        #expect(pipeline.expire(now: start + .milliseconds(60)).timedOut == [1])
        #expect(pipeline.takeUnsent() == [[2]])
        #expect(receive() == "deliver 2")
    }

    @Test("An earlier deadline moves the timer, a later one does not")
    mutating func timers() {
        _ = pipeline.connect()
        #expect(submit(1) == "accepted flush=true timer=Optional(1.0 seconds)")
        #expect(submit(2, timeout: .milliseconds(50)) == "accepted flush=false timer=Optional(0.05 seconds)")
        #expect(submit(3, timeout: .milliseconds(70)) == "accepted flush=false timer=nil")
        #expect(pipeline.expire(now: start + .milliseconds(10)).timer == start + .milliseconds(50))
    }

    @Test("The timer also looks for a stall, however patient the command is")
    mutating func stallTimer() {
        _ = pipeline.connect()
        #expect(submit(1, timeout: .seconds(60)) == "accepted flush=true timer=Optional(5.0 seconds)")
        _ = pipeline.takeUnsent()
        let expiry = pipeline.expire(now: start + .seconds(5))
        #expect(expiry.isStalled)
        #expect(expiry.timedOut.isEmpty)
    }

    @Test("The queue is bounded, also by commands that gave up and still await their reply")
    mutating func limit() {
        _ = pipeline.connect()
        for waiter in 1...4 { #expect(submit(waiter, timeout: .milliseconds(50)).hasPrefix("accepted")) }
        #expect(submit(5) == "refused overloaded")
        _ = pipeline.takeUnsent()
        #expect(pipeline.expire(now: start + .milliseconds(50)).timedOut == [1, 2, 3, 4])
        #expect(submit(5) == "refused overloaded")
        #expect(receive() == "drop")
        #expect(submit(5).hasPrefix("accepted"))
    }

    @Test("The connection is stalled when commands wait and nothing came for the stall's time-out")
    mutating func stall() {
        _ = pipeline.connect()
        _ = (submit(1), submit(2), pipeline.takeUnsent())
        #expect(pipeline.expire(now: start + .seconds(1)).timer == start + .seconds(5))
        // A reply is progress.
        #expect(receive(after: .seconds(4)) == "drop")
        let expiry = pipeline.expire(now: start + .seconds(5))
        #expect(!expiry.isStalled)
        #expect(expiry.timer == start + .seconds(9))
        #expect(pipeline.expire(now: start + .seconds(9)).isStalled)
    }

    @Test("An idle connection is not stalled, however long it was idle")
    mutating func idle() {
        _ = pipeline.connect()
        _ = (submit(1), pipeline.takeUnsent(), receive())
        #expect(pipeline.expire(now: start + .seconds(100)).timer == nil)
        _ = (submit(2, after: .seconds(200)), pipeline.takeUnsent())
        let expiry = pipeline.expire(now: start + .seconds(201))
        #expect(expiry.timedOut == [2])
        #expect(!expiry.isStalled)
    }

    @Test("A lost connection fails all that wait, and late bytes of it are nobody's")
    mutating func loss() {
        _ = pipeline.connect()
        _ = (submit(1, timeout: .milliseconds(50)), submit(2), pipeline.takeUnsent(), submit(3))
        _ = pipeline.expire(now: start + .milliseconds(50))
        #expect(pipeline.disconnect() == [2, 3])
        #expect(pipeline.disconnect().isEmpty)
        #expect(receive() == "drop")
        _ = pipeline.connect()
        #expect(submit(4) == "accepted flush=true timer=Optional(1.0 seconds)")
        #expect(pipeline.takeUnsent() == [[4]])
        #expect(receive() == "deliver 4")
    }

    @Test("A shutdown waits for what was taken, but not for replies that nobody wants")
    mutating func drain() {
        _ = pipeline.connect()
        _ = (submit(1), submit(2, timeout: .milliseconds(50)))
        pipeline.shutDown()
        #expect(pipeline.takeUnsent() == [[1], [2]])
        #expect(!pipeline.isDrained)
        #expect(receive() == "deliver 1")
        #expect(!pipeline.isDrained)
        _ = pipeline.expire(now: start + .milliseconds(50))
        #expect(pipeline.isDrained)
    }

    @Test("Whatever the order of events, each command gets its own reply or none", arguments: 0..<200)
    mutating func randomHistory(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var pipeline = RedisPipeline<Int>(limit: 50, stallTimeout: .seconds(1000))
        _ = pipeline.connect()
        var server: [Int] = []
        var next = 0
        var now = start
        for _ in 0..<500 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...3:
                let timeout = Duration.milliseconds(Int.random(in: 1...50, using: &random))
                if case .accepted = pipeline.submit(Self.bytes(next), deadline: now + timeout, now: now, waiter: next) {
                    next += 1
                }
            case 4, 5: server += pipeline.takeUnsent().map(Self.number)
            case 6...8:
                guard !server.isEmpty else { continue }
                let answered = server.removeFirst()
                if case .deliver(let waiter) = pipeline.receive(now: now) { #expect(waiter == answered) }
            default:
                now += .milliseconds(10)
                _ = pipeline.expire(now: now)
            }
        }
        #expect(next > 50)
    }

    private static func bytes(_ number: Int) -> [UInt8] { [UInt8(number >> 8), UInt8(number & 0xFF)] }
    private static func number(_ bytes: [UInt8]) -> Int { Int(bytes[0]) << 8 | Int(bytes[1]) }
}
