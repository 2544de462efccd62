internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@testable internal import Jobs
@testable internal import Webhooks

@Suite("Replays", .database, .timeLimit(.minutes(2)))
struct ReplayTests {
    @Test("A-10: a replay sends exactly what did not arrive since then, counted before, and is followed to its end")
    func exact() async throws {
        try await Inbox.open(.status("500 Broken")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, retryCount: 0)
            let tooOld = try await house.happen(count: 2)
            try await house.settle()
            // Events of a later millisecond have later ids.
            let since = WallClock.system.now() + .milliseconds(2)
            try await until { WallClock.system.now() > since + .milliseconds(2) }
            let failed = try await house.happen(count: 3)
            try await house.settle()
            inbox.answer(.status("200 OK"))
            let arrived = try await house.happen(count: 2)
            try await house.settle()
            let before = inbox.letters.count
            #expect(try await house.write { try await house.replays.count(to: endpoint, since: since, in: $0) } == 3)
            let replay = try await house.write { try await house.replays.begin(to: endpoint, since: since, in: $0) }
            #expect(replay.total == 3 && replay.enqueued == 0 && replay.finishedAt == nil)
            try await house.work()
            let again = inbox.letters.dropFirst(before).map(\.id)
            #expect(Set(again) == Set(failed.map(\.description)) && again.count == 3)
            let ended = try await house.replays.replay(replay.id, to: endpoint, of: house.tenant)
            #expect(ended.enqueued == 3 && ended.finishedAt != nil)
            #expect(try await house.attempts(of: failed[0], to: endpoint).map(\.trigger) == [.automatic, .replay])
            #expect(try await house.attempts(of: arrived[0], to: endpoint).count == 1)
            #expect(try await house.attempts(of: tooOld[0], to: endpoint).count == 1)
            #expect(try await house.write { try await house.replays.count(to: endpoint, since: since, in: $0) } == 0)
        }
    }

    @Test("A-10: a second replay of the same time sends nothing twice, and takes over from what the schedule had")
    func idempotent() async throws {
        try await Inbox.open(.status("500 Broken")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            try await house.happen(count: 4)
            try await house.settle()
            #expect(inbox.letters.count == 4)
            inbox.answer(.status("200 OK"))
            for _ in 0..<2 { try await house.replay(to: endpoint) }
            try await house.work()
            // What waited for its retry is over, too.
            try await house.makeDue()
            try await house.work()
            #expect(inbox.letters.count == 8)
            #expect(try await house.states(of: endpoint) == Array(repeating: .succeeded, count: 4))
            #expect(try await house.count(.jobs) == 0)
        }
    }

    @Test("What is being sent when a replay begins is waited for: it comes once, however many replays there are")
    func underWay() async throws {
        try await Inbox.open(.held) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            let refused = try await house.happen(count: 3)[0]
            try await house.relay()
            let busy = house.worker()
            let jobs = try await busy.claimAll()
            try await withThrowingTaskGroup { group in
                for job in jobs { group.addTask { await busy.execute(job) } }
                for _ in jobs { await inbox.arrival() }
                inbox.answer(.status("200 OK"))
                for _ in 0..<2 {
                    try await house.replay(to: endpoint)
                    try await house.work()
                }
                #expect(inbox.letters.count == 3)
                // Somebody who asks by hand is asked for nothing.
                try await house.write { _ = try await house.deliveries.redeliver(refused, to: endpoint, in: $0) }
                try await house.work()
                #expect(inbox.letters.count == 4)
                for _ in jobs { inbox.release() }
                try await group.waitForAll()
            }
            try await house.makeDue()
            try await house.work()
            #expect(inbox.letters.count == 4)
            #expect(try await house.states(of: endpoint) == Array(repeating: .succeeded, count: 3))
            #expect(try await house.count(.jobs) == 0)
        }
    }

    @Test("A-10: a replay goes on after its worker was lost, page by page, each page once")
    func resumes() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            let count = ReplayWebhooks.pageLength + 20
            try await house.script(
                """
                INSERT INTO webhooks.message (tenant_id, event_id, type, body)
                    SELECT '\(house.tenant)', ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'a', '{}'
                    FROM generate_series(1, \(count)) AS n;
                INSERT INTO webhooks.delivery (tenant_id, endpoint_id, event_id, state)
                    SELECT tenant_id, '\(endpoint)', event_id, 'failed' FROM webhooks.message
                """
            )
            let replay = try await house.write { transaction in
                let since = Timestamp(secondsSinceEpoch: 0)
                return try await house.replays.begin(to: endpoint, since: since, in: transaction)
            }
            #expect(replay.total == count)
            // Claimed, and lost before it did anything; then one page, and lost again.
            _ = try await house.worker().claimAll()
            try await house.loseWorkers()
            let worker = house.worker()
            for job in try await worker.claimAll() { await worker.execute(job) }
            let half = try await house.replays.replay(replay.id, to: endpoint, of: house.tenant)
            #expect(half.enqueued == ReplayWebhooks.pageLength && half.finishedAt == nil)
            _ = try await house.worker().claimAll()
            try await house.loseWorkers()
            try await house.work()
            let ended = try await house.replays.replay(replay.id, to: endpoint, of: house.tenant)
            #expect(ended.enqueued == count && ended.finishedAt != nil)
            #expect(inbox.letters.count == count)
            #expect(Set(inbox.letters.map(\.id)).count == count)
        }
    }

    @Test("Nothing is replayed to an endpoint that is off, nor found under another endpoint")
    func refused() async throws {
        let house = try WebhookHouse(try TestDatabase.current)
        let off = try await house.make("http://127.0.0.1:9000/", isActive: false)
        let other = try await house.make("http://127.0.0.1:9000/")
        let since = Timestamp(secondsSinceEpoch: 0)
        let fault = await #expect(throws: Fault.self) {
            try await house.write { try await house.replays.begin(to: off, since: since, in: $0) }
        }
        #expect(fault?.code == .webhookNotActive)
        let replay = try await house.write { try await house.replays.begin(to: other, since: since, in: $0) }
        let notFound = await #expect(throws: Fault.self) {
            try await house.replays.replay(replay.id, to: off, of: house.tenant)
        }
        #expect(notFound?.code == .webhookReplayNotFound)
    }

    @Test("What an owner's pause kept from being sent goes out when the endpoint is on again")
    func pause() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            try await house.happen()
            try await house.relay()
            try await house.write { _ = try await house.endpoints.update(endpoint, in: $0) { $0.isActive = false } }
            try await house.happen()
            try await house.settle()
            #expect(inbox.letters.isEmpty)
            #expect(try await house.states(of: endpoint) == [.held], "what happens meanwhile is not kept")
            try await house.write { _ = try await house.endpoints.update(endpoint, in: $0) { $0.isActive = true } }
            try await house.work()
            #expect(inbox.letters.isEmpty, "not before every relay sees it")
            try await house.makeDue()
            try await house.work()
            #expect(inbox.letters.count == 1)
            #expect(try await house.states(of: endpoint) == [.succeeded])
        }
    }
}
