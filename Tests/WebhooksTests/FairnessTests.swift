internal import Primitives
internal import TestSupport
internal import Testing

@testable internal import Jobs
@testable internal import Webhooks

@Suite("Receivers that hang", .database, .timeLimit(.minutes(2)))
struct FairnessTests {
    @Test("A-7: what goes to an endpoint that fails, now or since before, waits apart from everybody's first attempts")
    func apart() async throws {
        try await Inbox.open(.status("500 Broken"), .status("200 OK")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            let worker = house.worker()
            try await house.happen(count: 2)
            try await house.relay()
            let first = JobWorkerConfiguration.Queue(.webhooks, slots: 8)
            let again = JobWorkerConfiguration.Queue(.webhookRetries, slots: 8)
            let jobs = try await worker.claim(from: first, slots: 8)
            #expect(jobs.count == 2)
            // The first one fails; the second was relayed while nobody knew.
            for job in jobs { await worker.execute(job) }
            #expect(inbox.letters.count == 1)
            #expect(try await house.endpoint(endpoint).failingSince != nil)
            try await house.happen()
            try await house.relay()
            #expect(try await worker.claim(from: first, slots: 8).isEmpty)
            let moved = try await worker.claim(from: again, slots: 8)
            #expect(moved.map(\.kind) == ["webhooks.retry", "webhooks.retry"])
            for job in moved { await worker.execute(job) }
            #expect(inbox.letters.count == 3)
        }
    }

    @Test("A-7: one tenant's receiver that hangs leaves slots to another tenant")
    func tenants() async throws {
        try await Inbox.open(.held) { hanging in
            try await Inbox.open { healthy in
                let (slow, quick) = (
                    try WebhookHouse(try TestDatabase.current), try WebhookHouse(try TestDatabase.current)
                )
                try await slow.make(hanging.url)
                try await quick.make(healthy.url)
                try await slow.happen(count: 10)
                try await slow.relay()
                let worker = slow.worker()
                let queue = JobWorkerConfiguration.Queue(.webhooks, slots: 8, tenantLimit: 4)
                let stuck = try await worker.claim(from: queue, slots: 8)
                #expect(stuck.count == 4)
                try await withThrowingTaskGroup { group in
                    for job in stuck { group.addTask { await worker.execute(job) } }
                    for _ in stuck { await hanging.arrival() }
                    try await quick.happen()
                    try await quick.relay()
                    for job in try await worker.claim(from: queue, slots: 4) { await worker.execute(job) }
                    #expect(healthy.letters.count == 1)
                    for _ in stuck { hanging.release() }
                    try await group.waitForAll()
                }
                #expect(hanging.letters.count == 4)
            }
        }
    }

    @Test("A-7: of a server that is full of what hangs, no other tenant's first attempt waits for any of it to end")
    func server() async throws {
        try await Inbox.open(.held) { hanging in
            try await Inbox.open { healthy in
                let slow = try WebhookHouse(try TestDatabase.current)
                try await slow.make(hanging.url)
                try await slow.happen(count: 100)
                try await slow.relay()
                let worker = slow.worker(WebhookSender.queues)
                try await whileRunning([worker]) {
                    // All that one tenant may have, at once.
                    for _ in 0..<32 { await hanging.arrival() }
                    for _ in 0..<40 {
                        let other = try WebhookHouse(try TestDatabase.current)
                        try await other.make(healthy.url)
                        try await other.happen()
                        try await other.relay()
                        worker.poke(.webhooks)
                        await healthy.arrival()
                    }
                    // Nothing of what hangs has ended, and none of it has begun since.
                    #expect(hanging.letters.count == 32)
                    #expect(healthy.letters.count == 40)
                    for _ in 0..<100 { hanging.release() }
                }
            }
        }
    }
}
