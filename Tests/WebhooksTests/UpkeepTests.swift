internal import Primitives
internal import TestSupport
internal import Testing

@testable internal import Webhooks

@Suite("What is forgotten", .database, .timeLimit(.minutes(2)))
struct UpkeepTests {
    @Test("A replay whose job was given up goes on with another; one whose job is there gets none")
    func replay() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            try await house.happen(count: 2)
            try await house.relay()
            try await house.script("DELETE FROM jobs.job")
            let replay = try await house.write { transaction in
                let since = Timestamp(secondsSinceEpoch: 0)
                return try await house.replays.begin(to: endpoint, since: since, in: transaction)
            }
            for _ in 0..<2 { try await house.resume() }
            #expect(try await house.count(.jobs) == 1, "its own")
            try await house.script("DELETE FROM jobs.job")
            for _ in 0..<2 { try await house.resume() }
            #expect(try await house.count(.jobs) == 1)
            try await house.work()
            let ended = try await house.replays.replay(replay.id, to: endpoint, of: house.tenant)
            #expect(ended.finishedAt != nil)
            #expect(inbox.letters.count == 2)
            try await house.resume()
            #expect(try await house.count(.jobs) == 0, "it is over")
        }
    }

    @Test("A disabled endpoint whose probe was given up is probed again once it is due, and enabled if it works")
    func probe() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            try await house.script(
                """
                UPDATE webhooks.endpoint SET failing_since = now() - interval '6 days', disabled_at = now(), probe = 3,
                    disabled_reason = 'failing', next_probe_at = now() + interval '1 hour'
                """
            )
            try await house.resume()
            #expect(try await house.count(.jobs) == 0, "not yet")
            try await house.script("UPDATE webhooks.endpoint SET next_probe_at = now() - interval '1 second'")
            for _ in 0..<2 { try await house.resume() }
            #expect(try await house.count(.jobs) == 1)
            try await house.work()
            #expect(try await house.endpoint(endpoint).disabled == nil)
        }
    }

    @Test("Deliveries, their attempts and messages go after 90 days, and no sooner")
    func retention() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            let events = try await house.happen(count: 3)
            try await house.settle()
            for (event, days) in zip(events, [91, 89, 0]) {
                try await house.script(
                    """
                    UPDATE webhooks.delivery SET created_at = now() - interval '\(days) days' WHERE event_id = '\(event)';
                    UPDATE webhooks.message SET created_at = now() - interval '\(days) days' WHERE event_id = '\(event)'
                    """
                )
            }
            try await TendWebhooks.forgetOld(house.test.worker)
            #expect(try await house.states(of: endpoint).count == 2)
            #expect(try await house.count(.attempts) == 2)
            #expect(try await house.attempts(of: events[1], to: endpoint).count == 1)
        }
    }
}
