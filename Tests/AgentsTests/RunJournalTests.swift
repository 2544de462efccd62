internal import Primitives
internal import Testing

@testable internal import Agents

@Suite("A run's journal")
struct RunJournalTests {
    private static let done = RunEvent.Payload.done(.init(finishReason: .stop, isReplayed: false))
    private let now = Timestamp(secondsSinceEpoch: 1_790_000_000)
    private let journal = RunJournal(
        RunIdentity(tenantID: .next(), runID: .next(), conversationID: .next(), messageID: .next())
    )

    private func read(after sequence: Int = 0) async -> [RunEvent] {
        var events: [RunEvent] = []
        for await event in RunEvents(source: journal, sequence: sequence) { events.append(event) }
        return events
    }

    @Test("numbers events from 1 without gaps, and takes none after the terminal one")
    func order() async {
        #expect(journal.append(.answer("a"), at: now))
        #expect(journal.append(Self.done, at: now))
        #expect(!journal.append(.answer("b"), at: now))
        #expect(!journal.append(Self.done, at: now))
        let events = await read()
        #expect(events.map(\.sequence) == [1, 2])
        #expect(events.map(\.payload) == [.answer("a"), Self.done])
    }

    @Test("tells every reader the same, early or late, from wherever it asks")
    func readers() async {
        let journal = journal
        let all = await withTaskGroup(of: [RunEvent].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    var events: [RunEvent] = []
                    for await event in RunEvents(source: journal, sequence: 0) { events.append(event) }
                    return events
                }
            }
            for number in 1...500 {
                journal.append(.answer("\(number) "), at: now)
                if number.isMultiple(of: 50) { await Task.yield() }
            }
            journal.append(Self.done, at: now)
            return await group.reduce(into: []) { $0.append($1) }
        }
        let late = await read()
        #expect(late.count == 501)
        #expect(all.allSatisfy { $0 == late })
        #expect(await read(after: 499) == Array(late.suffix(2)))
        #expect(await read(after: 501).isEmpty)
        #expect(await read(after: 9999).isEmpty)
    }

    @Test("lets go of a waiting reader whose task is cancelled, and of it alone")
    func cancellation() async {
        let journal = journal
        let patient = Task { await journal.events(after: 0, for: RunReader()) }
        let cancelled = Task { await journal.events(after: 0, for: RunReader()) }
        cancelled.cancel()
        #expect(await cancelled.value == nil)
        // Cancelled after it has looked, and before it waits.
        await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            await RunReader().wait()
        }.value
        journal.append(.answer("a"), at: now)
        #expect(await patient.value?.map(\.payload) == [.answer("a")])
    }

    @Test("lets go of a reader that ends, whether it waits or not, and of it alone")
    func end() async {
        let patient = RunEvents(source: journal, sequence: 0)
        let ended = RunEvents(source: journal, sequence: 0)
        let reading = Task { await ended.makeAsyncIterator().first() }
        ended.end()
        #expect(await reading.value == nil)
        journal.append(.answer("a"), at: now)
        #expect(await ended.makeAsyncIterator().first() == nil, "also what is there is not wanted any more")
        #expect(await patient.makeAsyncIterator().first()?.payload == .answer("a"))
    }

    @Test("gives a writer of frames all that is there at once")
    func batches() async {
        journal.append(.answer("a"), at: now)
        journal.append(.answer("b"), at: now)
        var iterator = RunEvents(source: journal, sequence: 0).makeAsyncIterator()
        #expect(await iterator.nextBatch()?.map(\.sequence) == [1, 2])
        journal.append(.answer("c"), at: now)
        journal.append(Self.done, at: now)
        #expect(await iterator.next()?.sequence == 3)
        #expect(await iterator.nextBatch()?.map(\.sequence) == [4])
        #expect(await iterator.nextBatch() == nil)
    }
}

extension RunEvents.AsyncIterator {
    fileprivate consuming func first() async -> RunEvent? {
        await next()
    }
}
