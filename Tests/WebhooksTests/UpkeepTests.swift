internal import Primitives
internal import TestSupport
internal import Testing

@testable internal import Webhooks

@Suite("What is forgotten", .database, .timeLimit(.minutes(2)))
struct UpkeepTests {
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
