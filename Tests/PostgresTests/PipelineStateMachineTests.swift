import Testing

@testable import Postgres

@Suite("Pipeline's state machine")
struct PipelineStateMachineTests {
    typealias Machine = PipelineStateMachine<String>

    private let failure = PostgresError(.server, effect: .none)

    /// Gives the events and answers what the last one led to.
    private func feed(_ machine: inout Machine, _ events: [Machine.Event]) -> String {
        var answer = ""
        for event in events {
            switch machine.receive(event) {
            case .readMore: answer = "more"
            case .finish(.success(let outputs)): answer = outputs.joined(separator: ",")
            case .finish(.failure(let error)): answer = "failed \(error.code)"
            case .close(let error): answer = "close \(error.code)"
            }
        }
        return answer
    }

    @Test("Results count only once the Sync has come")
    func success() {
        var machine = Machine([.prepare("s1"), .step(0, wasCached: false), .step(1, wasCached: true)])
        let results: [Machine.Event] = [
            .success("prepared"), .endOfCommand, .success("a"), .endOfCommand, .success("b"), .endOfCommand,
        ]
        #expect(feed(&machine, results) == "more")
        #expect(machine.awaited == nil)
        #expect(feed(&machine, [.sync]) == "a,b")
        #expect(machine.prepared == ["s1"])
    }

    @Test("An error at the Sync fails a pipeline of which every command succeeded")
    func deferred() {
        var machine = Machine([.step(0, wasCached: true)])
        #expect(feed(&machine, [.success("a"), .endOfCommand, .failure(failure), .sync]) == "failed server")
        #expect(machine.failedCommand == nil)
    }

    @Test("After an error the rest is skipped, and what was prepared before stays prepared")
    func skipped() {
        var machine = Machine([
            .prepare("s1"), .step(0, wasCached: false), .prepare("s2"), .step(1, wasCached: false),
        ])
        let events: [Machine.Event] = [
            .success("prepared"), .endOfCommand, .failure(failure), .endOfCommand, .skipped, .endOfCommand, .skipped,
            .endOfCommand, .sync,
        ]
        #expect(feed(&machine, events) == "failed server")
        #expect(machine.prepared == ["s1"])
        #expect(machine.failedCommand == .step(0, wasCached: false))
    }

    @Test("A lost connection ends it at any point; an error that came before says more and wins")
    func lost() {
        let lost = PostgresError(.connectionLost, effect: .unknown)
        var machine = Machine([.step(0, wasCached: true)])
        #expect(feed(&machine, [.connectionLost(lost)]) == "close connectionLost")
        machine = Machine([.step(0, wasCached: true)])
        #expect(feed(&machine, [.failure(failure), .connectionLost(lost)]) == "close server")
    }

    @Test("What makes no sense closes the connection instead of giving one statement another's result")
    func violations() {
        var early = Machine([.step(0, wasCached: true), .step(1, wasCached: true)])
        #expect(feed(&early, [.success("a"), .endOfCommand, .sync]) == "close protocolViolation")
        var late = Machine([.step(0, wasCached: true)])
        #expect(feed(&late, [.success("a"), .endOfCommand, .success("b")]) == "close protocolViolation")
        var twice = Machine([.step(0, wasCached: true)])
        #expect(feed(&twice, [.success("a"), .success("b"), .endOfCommand, .sync]) == "close protocolViolation")
        var skipped = Machine([.step(0, wasCached: true)])
        #expect(feed(&skipped, [.skipped]) == "close protocolViolation")
        var empty = Machine([.step(0, wasCached: true)])
        #expect(feed(&empty, [.endOfCommand, .sync]) == "close protocolViolation")
    }
}
