internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@testable internal import Jobs
@testable internal import Outbound
@testable internal import Webhooks

@Suite("Workers that are lost", .database, .timeLimit(.minutes(2)))
struct CrashTests {
    @Test("A-2: the attempt is a committed row before anything arrives, and stays unknown where its worker is lost")
    func unknown() async throws {
        try await Inbox.open(.held) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            let event = try await house.happen()[0]
            try await house.relay()
            let lost = house.worker()
            let jobs = try await lost.claimAll()
            try await withThrowingTaskGroup { group in
                for job in jobs { group.addTask { await lost.execute(job) } }
                await inbox.arrival()
                // Seen by another connection, while the receiver still thinks about it.
                #expect(try await house.attempts(of: event, to: endpoint).map(\.outcome) == [.unknown])
                try await house.loseWorkers()
                inbox.answer(.status("200 OK"))
                try await house.work()
                inbox.release()
                try await group.waitForAll()
            }
            // What the lost one heard is not written: another has the job since.
            let attempts = try await house.attempts(of: event, to: endpoint)
            #expect(attempts.map(\.outcome) == [.unknown, .succeeded])
            #expect(inbox.letters.count <= attempts.count)
            #expect(Set(inbox.letters.map(\.body)).count == 1)
            #expect(try await house.states(of: endpoint) == [.succeeded])
        }
    }

    @Test("A delivery with which two workers were lost rests as after any failure, and is not lost with them")
    func poison() async throws {
        try await Inbox.open(.held) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            let event = try await house.happen()[0]
            try await house.relay()
            for _ in 0..<2 { try await house.loseWorker(sendingTo: inbox) }
            try await house.work()
            #expect(try await house.states(of: endpoint) == [.pending])
            #expect(try await house.attempts(of: event, to: endpoint).map(\.outcome) == [.unknown, .unknown])
            #expect(try await house.waiting().map(\.key) == ["retry"])
            // It says nothing of the receiver.
            #expect(try await house.endpoint(endpoint).failingSince == nil)
            inbox.answer(.status("200 OK"))
            try await house.makeDue()
            try await house.work()
            #expect(try await house.states(of: endpoint) == [.succeeded])
            #expect(try await house.attempts(of: event, to: endpoint).count == 3)
        }
    }

    @Test("Workers that are lost before they began count for nothing: what was never sent has not failed")
    func neverBegun() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, retryCount: 0)
            let event = try await house.happen()[0]
            try await house.relay()
            let test = try await house.write { try await house.deliveries.test(endpoint, in: $0).id }
            for _ in 0..<2 {
                #expect(try await house.worker().claimAll().count == 2)
                try await house.loseWorkers()
            }
            try await house.work()
            #expect(inbox.letters.isEmpty)
            #expect(try await house.states(of: endpoint) == [.pending, .pending])
            #expect(try await house.waiting()["retry"] ?? 0 > 1)
            try await house.makeDue()
            try await house.work()
            #expect(try await house.states(of: endpoint) == [.succeeded, .succeeded])
            #expect(try await house.attempts(of: event, to: endpoint).map(\.trigger) == [.automatic])
            #expect(try await house.attempts(of: test, to: endpoint).map(\.trigger) == [.test])
            #expect(try await house.count(.jobs) == 0)
        }
    }

    @Test("An attempt with which a worker was lost is no sign that the next one had begun")
    func begunBefore() async throws {
        try await Inbox.open(.held) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, retryCount: 1)
            try await house.happen()
            try await house.relay()
            for _ in 0..<2 { try await house.loseWorker(sendingTo: inbox) }
            try await house.work()
            #expect(try await house.states(of: endpoint) == [.pending], "its one retry is to come")
            try await house.makeDue()
            for _ in 0..<2 {
                #expect(try await house.worker().claimAll().count == 1)
                try await house.loseWorkers()
            }
            try await house.work()
            #expect(try await house.states(of: endpoint) == [.pending])
            inbox.answer(.status("200 OK"))
            try await house.makeDue()
            try await house.work()
            #expect(try await house.states(of: endpoint) == [.succeeded])
        }
    }

    @Test("What we cannot do ourselves is tried five times, and then the delivery has failed")
    func ours() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            try await house.script("UPDATE webhooks.endpoint SET sealed_secret = '\\x00'")
            try await house.happen()
            try await house.relay()
            for _ in 0..<4 {
                try await house.work()
                #expect(try await house.states(of: endpoint) == [.pending])
                try await house.makeDue()
            }
            try await house.work()
            #expect(try await house.states(of: endpoint) == [.failed])
            #expect(inbox.letters.isEmpty)
            #expect(try await house.test.administrator.query(CountDead()) == [0])
        }
    }

    @Test("A-2: of twenty events to receivers of all kinds no receiver saw more than there are rows")
    func rows() async throws {
        let answers: [Inbox.Answer] = [
            .status("200 OK"), .status("500 Broken"), .half, .silence, .status("429 Slow"), .status("200 OK"),
        ]
        try await Inbox.open(all: answers) { inboxes in
            let house = try WebhookHouse(try TestDatabase.current)
            var endpoints: [WebhookID] = []
            for inbox in inboxes { endpoints.append(try await house.make(inbox.url, timeout: 1)) }
            let events = Set(try await house.happen(count: 20).map(\.description))
            try await house.settle()
            let page = PageRequest(limit: 100, after: nil)
            for (inbox, endpoint) in zip(inboxes, endpoints) {
                let deliveries = try await house.deliveries.deliveries(to: endpoint, page, of: house.tenant).items
                let rows = deliveries.reduce(0) { $0 + $1.attemptCount }
                #expect(rows > 0 && inbox.letters.count <= rows)
            }
            for place in [0, 5] {
                #expect(Set(inboxes[place].letters.map(\.id)) == events, "the healthy ones got all")
                #expect(inboxes[place].letters.count == 20)
            }
        }
    }
}
