internal import Testing
@testable internal import Outbound

@Suite("Turns among calls")
struct CallSlotsTests {
    @Test("A host's calls wait for each other, first come, first served; another host's do not wait for them")
    func perHost() {
        var slots = CallSlots(CallLimits(perHost: 1, total: 9))
        #expect(slots.arrive(1, host: "a") == .enter)
        #expect(slots.arrive(2, host: "a") == .wait)
        #expect(slots.arrive(3, host: "a") == .wait)
        #expect(slots.arrive(4, host: "b") == .enter)
        #expect(slots.leave(host: "b") == nil)
        #expect(slots.leave(host: "a") == 2)
        #expect(slots.leave(host: "a") == 3)
        #expect(slots.leave(host: "a") == nil)
        #expect(slots.arrive(5, host: "a") == .enter)
    }

    @Test("At the total, who waits longest and whose host has room is next")
    func total() {
        var slots = CallSlots(CallLimits(perHost: 1, total: 2))
        #expect(slots.arrive(1, host: "a") == .enter)
        #expect(slots.arrive(2, host: "b") == .enter)
        #expect(slots.arrive(3, host: "a") == .wait)
        #expect(slots.arrive(4, host: "c") == .wait)
        #expect(slots.leave(host: "b") == 4)
        #expect(slots.leave(host: "a") == 3)
    }

    @Test("One more than may wait is refused, by host and in all")
    func refusal() {
        var slots = CallSlots(CallLimits(perHost: 1, total: 1, waitingPerHost: 1, waitingTotal: 2))
        #expect(slots.arrive(1, host: "a") == .enter)
        #expect(slots.arrive(2, host: "a") == .wait)
        #expect(slots.arrive(3, host: "a") == .refuse)
        #expect(slots.arrive(4, host: "b") == .wait)
        #expect(slots.arrive(5, host: "c") == .refuse)
    }

    @Test("Who gives up leaves the queue and takes nobody's turn")
    func givingUp() {
        var slots = CallSlots(CallLimits(perHost: 1))
        #expect(slots.arrive(1, host: "a") == .enter)
        #expect(slots.arrive(2, host: "a") == .wait)
        #expect(slots.arrive(3, host: "a") == .wait)
        let answers = [slots.giveUp(2), slots.giveUp(2), slots.giveUp(1)]
        #expect(answers == [true, false, false])
        #expect(slots.waiting(for: "a") == 1)
        #expect(slots.leave(host: "a") == 3)
    }
}
