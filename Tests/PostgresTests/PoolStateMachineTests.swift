import TestSupport
import Testing

@testable import Postgres

/// Waiters are names; time is counted in seconds from an arbitrary start.
@Suite("Pool's state machine")
struct PoolStateMachineTests {
    typealias Machine = PoolStateMachine<String>

    private let start = ContinuousClock.now

    private func machine(size: Int = 2, maximumWaiting: Int = 10) -> Machine {
        Machine(Machine.Limits(size: size, maximumWaiting: maximumWaiting))
    }

    private func at(_ seconds: Double) -> ContinuousClock.Instant { start + .seconds(seconds) }

    private func request(_ machine: inout Machine, _ id: UInt64, at seconds: Double = 0) -> [String] {
        machine.request(id, "w\(id)", now: at(seconds), deadline: at(seconds + 5)).map(\.text)
    }

    /// A machine with one connection, number 1, idle.
    private func withIdleConnection(size: Int = 2) -> Machine {
        var machine = machine(size: size)
        _ = request(&machine, 1)
        _ = machine.connected(1, now: at(0))
        _ = machine.released(1, isReusable: true, now: at(0))
        return machine
    }

    @Test("The first request opens a connection and gets it")
    func first() {
        var machine = machine()
        #expect(request(&machine, 1) == ["connect 1 after 0.0 seconds", "wake"])
        #expect(machine.connected(1, now: at(1)).map(\.text) == ["grant w1 1"])
        #expect(machine.released(1, isReusable: true, now: at(1)).map(\.text) == [])
        #expect(machine.idleCount == 1)
        #expect(request(&machine, 2) == ["grant w2 1"])
    }

    @Test("There are never more connections than the size, and those who wait are served in order")
    func order() {
        var machine = machine(size: 2)
        #expect(request(&machine, 1) == ["connect 1 after 0.0 seconds", "wake"])
        #expect(request(&machine, 2) == ["connect 2 after 0.0 seconds"])
        for id: UInt64 in 3...5 { #expect(request(&machine, id) == []) }
        #expect(machine.connectionCount == 2)
        #expect(machine.connected(2, now: at(0)).map(\.text) == ["grant w1 2"])
        #expect(machine.connected(1, now: at(0)).map(\.text) == ["grant w2 1"])
        #expect(machine.released(2, isReusable: true, now: at(0)).map(\.text) == ["grant w3 2"])
        // A connection that must be closed counts until it is.
        #expect(machine.released(1, isReusable: false, now: at(0)).map(\.text) == ["close 1"])
        #expect(machine.connectionCount == 2)
        #expect(machine.closed(1, now: at(0), jitter: 1).map(\.text) == ["connect 3 after 0.0 seconds"])
        #expect(machine.connected(3, now: at(0)).map(\.text) == ["grant w4 3"])
    }

    @Test("Who waits past the deadline or is one too many is refused")
    func refusals() {
        var machine = machine(size: 1, maximumWaiting: 2)
        _ = request(&machine, 1)
        _ = request(&machine, 2, at: 1)
        #expect(request(&machine, 3, at: 2) == ["refuse w3 tooManyWaiting"])
        #expect(machine.nextDeadline == at(5))
        #expect(machine.expire(now: at(4.9)).map(\.text) == [])
        #expect(machine.expire(now: at(5)).map(\.text) == ["refuse w1 deadlinePassed"])
        #expect(machine.nextDeadline == at(6))
        #expect(machine.connected(1, now: at(5.5)).map(\.text) == ["grant w2 1"])
    }

    @Test("A cancel removes who waits, reaches who has a connection, and does nothing afterwards")
    func cancels() {
        var machine = machine(size: 1)
        _ = request(&machine, 1)
        _ = request(&machine, 2)
        _ = machine.connected(1, now: at(0))
        #expect(machine.cancel(2).map(\.text) == ["refuse w2 cancelled"])
        #expect(machine.cancel(1).map(\.text) == ["cancel 1 1"])
        _ = machine.released(1, isReusable: true, now: at(0))
        #expect(machine.cancel(1).map(\.text) == [])
        #expect(machine.cancel(2).map(\.text) == [])
    }

    @Test("While connecting fails there is one attempt at a time, at doubling distances; success lifts both")
    func backoff() {
        var machine = machine(size: 3)
        for id: UInt64 in 1...3 { _ = request(&machine, id) }
        #expect(machine.closed(1, now: at(0), jitter: 1).map(\.text) == [])
        #expect(machine.closed(2, now: at(0), jitter: 1).map(\.text) == [])
        #expect(machine.closed(3, now: at(0), jitter: 0.5).map(\.text) == ["connect 4 after 0.2 seconds"])
        #expect(machine.closed(4, now: at(1), jitter: 1).map(\.text) == ["connect 5 after 0.8 seconds"])
        for id: UInt64 in 5...8 { _ = machine.closed(id, now: at(2), jitter: 1) }
        #expect(machine.closed(9, now: at(3), jitter: 1).map(\.text) == ["connect 10 after 2.0 seconds"])
        let actions = machine.connected(10, now: at(4)).map(\.text)
        #expect(actions == ["grant w1 10", "connect 11 after 0.0 seconds", "connect 12 after 0.0 seconds"])
    }

    @Test("A request that comes after failures waits out what is left of the pause")
    func pause() {
        var machine = machine(size: 1)
        _ = request(&machine, 1)
        _ = machine.expire(now: at(5))
        #expect(machine.closed(1, now: at(5), jitter: 1).map(\.text) == [])
        let connect = request(&machine, 2, at: 5.06)[0]
        #expect(connect.hasPrefix("connect 2 after 0.0") && connect != "connect 2 after 0.0 seconds")
        #expect(request(&machine, 3, at: 9) == [])
    }

    @Test("A connection lost while idle is forgotten; one lost while lent is counted until it comes back")
    func losses() {
        var machine = withIdleConnection(size: 1)
        #expect(machine.closed(1, now: at(0), jitter: 1).map(\.text) == [])
        #expect(machine.connectionCount == 0 && machine.idleCount == 0)
        #expect(request(&machine, 2) == ["connect 2 after 0.0 seconds", "wake"])
        _ = machine.connected(2, now: at(0))
        _ = request(&machine, 3)
        #expect(machine.closed(2, now: at(0), jitter: 1).map(\.text) == [])
        #expect(machine.connectionCount == 1)
        #expect(machine.released(2, isReusable: false, now: at(0)).map(\.text) == ["connect 3 after 0.0 seconds"])
    }

    @Test("Shutting down serves who waits, refuses who comes, and ends when the last connection is gone")
    func shutdown() {
        var machine = withIdleConnection(size: 2)
        #expect(request(&machine, 2) == ["grant w2 1"])
        #expect(request(&machine, 3) == ["connect 2 after 0.0 seconds", "wake"])
        #expect(machine.shutDown().map(\.text) == [])
        #expect(request(&machine, 4) == ["refuse w4 closed"])
        #expect(machine.released(1, isReusable: true, now: at(0)).map(\.text) == ["grant w3 1"])
        #expect(machine.connected(2, now: at(0)).map(\.text) == ["close 2"])
        #expect(machine.closed(2, now: at(0), jitter: 1).map(\.text) == [])
        #expect(machine.released(1, isReusable: true, now: at(0)).map(\.text) == ["close 1"])
        #expect(machine.closed(1, now: at(0), jitter: 1).map(\.text) == ["finished"])
        var empty = self.machine()
        #expect(empty.shutDown().map(\.text) == ["finished"])
    }

    @Test("Whatever happens in whatever order, each request is answered once and the size is kept")
    func invariants() {
        for seed in 0..<300 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            var machine = Machine(Machine.Limits(size: 3, maximumWaiting: 5))
            var (connecting, lent, closing): (Set<UInt64>, Set<UInt64>, Set<UInt64>) = ([], [], [])
            var open: Set<String> = []
            var (now, next) = (0.0, UInt64(0))
            func follow(_ actions: [Machine.Action]) {
                for action in actions {
                    switch action {
                    case .grant(let waiter, let id):
                        #expect(open.remove(waiter) != nil)
                        #expect(lent.insert(id).inserted)
                    case .refuse(let waiter, _): #expect(open.remove(waiter) != nil)
                    case .connect(let id, _): connecting.insert(id)
                    case .close(let id):
                        connecting.remove(id)
                        closing.insert(id)
                    case .cancel(let id, _): #expect(lent.contains(id))
                    case .wake, .finished: break
                    }
                }
                #expect(machine.connectionCount <= 3)
                #expect(machine.waitingCount == open.count)
            }
            for _ in 0..<200 {
                now += 0.1
                switch Int.random(in: 0..<8, using: &random) {
                case 0, 1, 2:
                    next += 1
                    open.insert("w\(next)")
                    follow(machine.request(next, "w\(next)", now: at(now), deadline: at(now + 2)))
                case 3: follow(machine.cancel(.random(in: 0...next, using: &random)))
                case 4:
                    guard let id = connecting.randomElement(using: &random) else { continue }
                    connecting.remove(id)
                    follow(
                        Bool.random(using: &random)
                            ? machine.connected(id, now: at(now)) : machine.closed(id, now: at(now), jitter: 0.7)
                    )
                case 5, 6:
                    guard let id = lent.randomElement(using: &random) else { continue }
                    lent.remove(id)
                    follow(machine.released(id, isReusable: Int.random(in: 0..<4, using: &random) > 0, now: at(now)))
                default:
                    if let id = closing.popFirst() { follow(machine.closed(id, now: at(now), jitter: 1)) }
                    follow(machine.expire(now: at(now)))
                }
            }
            // Everything comes back: nobody is left waiting for ever.
            follow(machine.expire(now: at(now + 10)))
            #expect(open.isEmpty)
        }
    }
}

extension PoolStateMachine.Action where Waiter == String {
    fileprivate var text: String {
        switch self {
        case .grant(let waiter, let id): "grant \(waiter) \(id)"
        case .refuse(let waiter, let refusal): "refuse \(waiter) \(refusal)"
        case .connect(let id, let delay): "connect \(id) after \(delay)"
        case .close(let id): "close \(id)"
        case .cancel(let id, let request): "cancel \(id) \(request)"
        case .wake: "wake"
        case .finished: "finished"
        }
    }
}
