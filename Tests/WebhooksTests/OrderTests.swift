internal import Events
internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Jobs
@testable internal import Webhooks

@Suite("A-12: the order of what an endpoint gets about one subject", .database, .timeLimit(.minutes(2)))
struct OrderTests {
    @Test("What follows one that fails twice comes after its success, in order; other subjects wait for nobody")
    func failsTwice() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, orderingKey: .subject)
            let first = try await house.happenAgainstIDs(about: .next(), count: 4)
            let second = try await house.happen(count: 2, about: .next())
            let none = try await house.happen(count: 2)
            inbox.fail(first[0], times: 2)
            try await house.settle()
            #expect(inbox.order(of: first) == [0])
            #expect(inbox.order(of: second) == [0, 1])
            #expect(Set(inbox.order(of: none)) == [0, 1])
            let waiting = try await house.delivery(first[1], to: endpoint)
            #expect(waiting.state == .pending && waiting.nextAttemptAt == nil && waiting.orderingKey != nil)
            try await house.makeDue()
            try await house.work()
            #expect(inbox.order(of: first) == [0, 0])
            try await house.makeDue()
            try await house.work()
            #expect(inbox.order(of: first) == [0, 0, 0, 1, 2, 3])
            for event in first.dropFirst() { #expect(try await house.attempts(of: event, to: endpoint).count == 1) }
            try await house.makeDue()
            try await house.work()
            #expect(inbox.letters.count == 10)
            #expect(try await house.count(.jobs) == 0)
        }
    }

    @Test("One that has failed for good lets the next go")
    func failed() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, retryCount: 0, orderingKey: .subject)
            let events = try await house.happen(count: 3, about: .next())
            inbox.fail(events[0], times: 1)
            inbox.fail(events[1], times: 1)
            try await house.settle()
            #expect(inbox.order(of: events) == [0, 1, 2])
            #expect(try await house.states(of: endpoint) == [.succeeded, .failed, .failed])
        }
    }

    @Test("An endpoint without an order waits for nothing, and neither do events without a subject")
    func unordered() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            let events = try await house.happen(count: 3, about: .next())
            inbox.fail(events[0], times: 1)
            try await house.settle()
            #expect(Set(inbox.order(of: events)) == [0, 1, 2])
            #expect(try await house.delivery(events[1], to: endpoint).orderingKey == nil)
        }
    }

    @Test("A worker that is lost before it began loses none and brings none forward")
    func lostBefore() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            try await house.make(inbox.url, orderingKey: .subject)
            let events = try await house.happen(count: 4, about: .next())
            try await house.relay()
            _ = try await house.worker().claimAll()
            try await house.loseWorkers()
            try await house.work()
            #expect(inbox.order(of: events) == [0, 1, 2, 3])
        }
    }

    @Test("One that was sent when its worker was lost is sent again, before those behind it")
    func lostWith() async throws {
        try await Inbox.open(.held) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, orderingKey: .subject)
            let events = try await house.happen(count: 4, about: .next())
            try await house.relay()
            let lost = house.worker()
            let jobs = try await lost.claimAll()
            try await withThrowingTaskGroup { group in
                for job in jobs { group.addTask { await lost.execute(job) } }
                await inbox.arrival()
                // Those behind have seen that they are, or see it with the next worker.
                try await house.loseWorkers()
                try await house.makeDue()
                inbox.answer(.status("200 OK"))
                try await house.work()
                inbox.release()
                try await group.waitForAll()
            }
            try await house.makeDue()
            try await house.work()
            #expect(inbox.order(of: events) == [0, 0, 1, 2, 3])
            #expect(try await house.states(of: endpoint) == Array(repeating: .succeeded, count: 4))
            #expect(try await house.count(.jobs) == 0)
        }
    }

    @Test("One that is called is the next one's job, also where what called it is lost before its worker heard of it")
    func calledInTheCommit() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, orderingKey: .subject)
            let events = try await house.happen(count: 2, about: .next())
            inbox.fail(events[0], times: 1)
            try await house.settle()
            try await house.script("UPDATE jobs.job SET run_at = now() WHERE payload ->> 'event_id' = '\(events[0])'")
            let worker = house.worker()
            for job in try await worker.claimAll() { await worker.execute(job) }
            #expect(inbox.order(of: events) == [0, 0])
            #expect(try await house.delivery(events[1], to: endpoint).nextAttemptAt != nil)
            _ = try await house.worker().claimAll()
            try await house.loseWorkers()
            try await house.work()
            #expect(inbox.order(of: events) == [0, 0, 1])
        }
    }

    @Test("Sent again by hand it takes its place again: those behind it wait for it, and it for those before it")
    func redelivered() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, orderingKey: .subject)
            let events = try await house.happen(count: 3, about: .next())
            inbox.fail(events[1], times: 1)
            try await house.settle()
            #expect(inbox.order(of: events) == [0, 1])
            inbox.fail(events[0], times: 1)
            for event in [events[2], events[0]] {
                try await house.write { _ = try await house.deliveries.redeliver(event, to: endpoint, in: $0) }
            }
            try await house.work()
            #expect(inbox.order(of: events) == [0, 1, 0])
            // The retry of the second is due before that of the first.
            try await house.script("UPDATE jobs.job SET run_at = now() WHERE payload ->> 'event_id' = '\(events[1])'")
            try await house.work()
            #expect(inbox.order(of: events) == [0, 1, 0])
            try await house.makeDue()
            try await house.work()
            #expect(inbox.order(of: events) == [0, 1, 0, 0, 1, 2])
            #expect(try await house.attempts(of: events[1], to: endpoint).map(\.outcome) == [.failed, .succeeded])
        }
    }

    @Test("A replay, and what was held and is released, goes out in the order in which it happened")
    func replayed() async throws {
        try await Inbox.open(.status("410 Gone"), .status("500 Broken")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, retryCount: 0, orderingKey: .subject)
            let subject = SubjectID.next()
            let events = try await house.happenAgainstIDs(about: subject, count: 4)
            try await house.settle()
            // The first was told that nobody is there; the others are held, and what happens meanwhile too.
            let later = try await house.happenAgainstIDs(about: subject, count: 2)
            try await house.settle()
            #expect(inbox.order(of: events + later) == [0])
            try await house.write { _ = try await house.endpoints.update(endpoint, in: $0) { $0.isActive = true } }
            // What happens as soon as it is enabled is behind what was held.
            let newest = try await house.happen(about: subject)
            try await house.settle()
            #expect(inbox.order(of: events + later + newest) == [0])
            try await house.makeDue()
            try await house.work()
            #expect(inbox.order(of: events + later + newest) == [0, 1, 2, 3, 4, 5, 6])
            inbox.answer(.status("200 OK"))
            try await house.write {
                _ = try await house.replays.begin(to: endpoint, since: Timestamp(secondsSinceEpoch: 0), in: $0)
            }
            try await house.work()
            #expect(inbox.order(of: events + later + newest).dropFirst(7) == [0, 1, 2, 3, 4, 5, 6])
            #expect(try await house.states(of: endpoint) == Array(repeating: .succeeded, count: 7))
        }
    }

    @Test("A probe sends the first of what was not sent, and its success sends the others behind it")
    func probed() async throws {
        try await Inbox.open(.status("500 Broken")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, orderingKey: .subject)
            let events = try await house.happenAgainstIDs(about: .next(), count: 3)
            try await house.settle()
            try await house.script("UPDATE webhooks.endpoint SET failing_since = now() - interval '6 days'")
            try await house.makeDue()
            try await house.work()
            #expect(try await house.endpoint(endpoint).disabled?.reason == .failing)
            try await house.makeDue()
            try await house.work()
            #expect(Set(inbox.order(of: events)) == [0])
            inbox.answer(.status("200 OK"))
            for _ in 0..<2 {
                try await house.makeDue()
                try await house.work()
            }
            #expect(inbox.order(of: events).drop { $0 == 0 } == [1, 2])
            #expect(try await house.states(of: endpoint) == Array(repeating: .succeeded, count: 3))
        }
    }

    @Test("Sent by hand to an endpoint that is off it waits for nothing that is held, which is not sent before")
    func byHandWhileOff() async throws {
        try await Inbox.open(.status("410 Gone"), .status("200 OK")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, orderingKey: .subject)
            let events = try await house.happen(count: 3, about: .next())
            try await house.settle()
            try await house.write { _ = try await house.deliveries.redeliver(events[2], to: endpoint, in: $0) }
            try await house.work()
            #expect(inbox.order(of: events) == [0, 2])
            #expect(try await house.states(of: endpoint) == [.succeeded, .held, .failed])
        }
    }

    @Test("An endpoint that gives its order up gets at once what waited")
    func givenUp() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, orderingKey: .subject)
            let events = try await house.happen(count: 3, about: .next())
            inbox.fail(events[0], times: 9)
            try await house.settle()
            try await house.write { _ = try await house.endpoints.update(endpoint, in: $0) { $0.orderingKey = nil } }
            try await house.script("UPDATE jobs.job SET run_at = now() WHERE kind = 'webhooks.replay'")
            try await house.work()
            #expect(Set(inbox.order(of: events)) == [0, 1, 2])
            #expect(try await house.states(of: endpoint) == [.succeeded, .succeeded, .pending])
        }
    }

    @Test("One whose organisation is deleted, or that we cannot send, holds nobody up for ever")
    func ends() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, orderingKey: .subject)
            try await house.happen(count: 3, about: .next())
            try await house.script("UPDATE webhooks.endpoint SET sealed_secret = '\\x00'")
            try await house.relay()
            for _ in 0..<15 {
                try await house.work()
                try await house.makeDue()
            }
            #expect(try await house.states(of: endpoint) == [.failed, .failed, .failed])
            #expect(try await house.count(.jobs) == 0)
            try await house.happen(count: 3, about: .next())
            try await house.script(
                "INSERT INTO tenancy.organization (tenant_id, clerk_id, name, state) "
                    + "VALUES ('\(house.tenant)', 'org_1', 'Loja', 'deleted')"
            )
            try await house.settle()
            #expect(try await house.states(of: endpoint) == Array(repeating: .failed, count: 6))
            #expect(inbox.letters.isEmpty)
        }
    }

    @Test("Where the one ahead is forgotten, so that nobody calls, one looks again by itself")
    func forgotten() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            try await house.make(inbox.url, orderingKey: .subject)
            let events = try await house.happen(count: 3, about: .next())
            inbox.fail(events[0], times: 9)
            try await house.settle()
            #expect(try await house.waiting()["deliver"] ?? 0 > 3000)
            try await house.script("DELETE FROM webhooks.delivery WHERE event_id = '\(events[0])'")
            try await house.makeDue()
            try await house.work()
            #expect(inbox.order(of: events) == [0, 1, 2])
        }
    }

    @Test("Who would wait while the one ahead is being settled waits for that to be committed, and then for nobody")
    func settledMeanwhile() async throws {
        let house = try WebhookHouse(try TestDatabase.current)
        let endpoint = try await house.make("http://127.0.0.1:9000/", orderingKey: .subject)
        let pieces = try await house.happen(count: 2, about: .next()).map { event in
            DeliveryPiece(endpointID: endpoint, eventID: event, round: 0, trigger: .automatic)
        }
        try await house.relay()
        @Sendable func wait(_ piece: DeliveryPiece) async throws -> Int {
            try await house.write { transaction in
                try await transaction.execute(LockOrder(tenantID: house.tenant, piece: piece))
                return try await transaction.execute(StandBehind(tenantID: house.tenant, piece: piece))
            }
        }
        let waiting = try await house.write { transaction in
            try await transaction.execute(LockOrder(tenantID: house.tenant, piece: pieces[0]))
            let waiting = Task { try await wait(pieces[1]) }
            try await until { try await house.test.administrator.query(CountWaitingForOrder()) == [1] }
            try await transaction.execute(SucceedDelivery(tenantID: house.tenant, piece: pieces[0]))
            try await transaction.callNext(after: pieces[0], arrived: true)
            return waiting
        }
        #expect(try await waiting.value == 0)
        #expect(try await house.delivery(pieces[1].eventID, to: endpoint).nextAttemptAt != nil)
        #expect(try await wait(pieces[0]) == 0, "nobody is ahead of the first")
    }

    @Test("Of six subjects, with failures at random, a rate and three workers, none is out of order and none lost")
    func everything() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, retryCount: 1, rate: 500, orderingKey: .subject)
            var random = SplitMix64(seed: 12)
            var subjects: [[EventID]] = []
            for _ in 0..<6 {
                let events = try await house.happenAgainstIDs(about: .next(), count: 8)
                for event in events { inbox.fail(event, times: Int.random(in: 0...2, using: &random)) }
                subjects.append(events)
            }
            try await house.relay()
            try await withThrowingTaskGroup { group in
                for _ in 0..<3 {
                    group.addTask {
                        let worker = house.worker()
                        while try await house.count(.jobs) > 0 {
                            try await house.work(worker)
                            try await house.makeDue()
                        }
                    }
                }
                try await group.waitForAll()
            }
            for events in subjects {
                let order = inbox.order(of: events)
                #expect(order == order.sorted() && Set(order) == Set(0..<8))
            }
            #expect(try await house.states(of: endpoint).allSatisfy { $0 == .succeeded || $0 == .failed })
        }
    }
}

extension WebhookHouse {
    /// Events in an order that is not that of their ids, as of several processes.
    fileprivate func happenAgainstIDs(about subjectID: SubjectID, count: Int) async throws -> [EventID] {
        let ids = (0..<count).map { _ in EventID.next() }
        let events = ids.reversed().map { id in
            Event(
                .messageReceived,
                data: [:],
                subjectID: subjectID,
                occurredAt: WallClock.system.now(),
                id: id
            )
        }
        for event in events { try await write { try await $0.append(event) } }
        return events.map(\.id)
    }

    fileprivate func delivery(_ event: EventID, to endpoint: WebhookID) async throws -> WebhookDelivery {
        try await deliveries.delivery(event, to: endpoint, of: tenant).delivery
    }
}

extension Inbox {
    /// Which of the events came, as they came, by their places.
    fileprivate func order(of events: [EventID]) -> [Int] {
        let places = Dictionary(uniqueKeysWithValues: events.enumerated().map { ($0.element.description, $0.offset) })
        return letters.compactMap { places[$0.id] }
    }
}

private struct CountWaitingForOrder: Statement {
    static let sql = """
        SELECT count(*) FROM pg_locks
        WHERE locktype = 'advisory' AND NOT granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
