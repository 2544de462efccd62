@testable internal import Auth
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

/// The promise of `OrganizationSync`, with events of every kind, in numbers that tie on purpose.
@Suite("Order of Clerk's events", .database) struct OrganizationSyncTests {
    @Test("Any permutation with repetition, one after the other or at once, ends in the same rows", arguments: 1...8)
    func convergence(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        let events = (0..<16).map { _ in randomEvent(&random) }
        let receiver = try makeReceiver()
        try await deliver(events, to: receiver)
        let expected = try await StoredRows.everything()
        #expect(!expected.isEmpty)
        for round in 1...6 {
            try await StoredRows.clear()
            let repeated = (events + events.filter { _ in random.next() % 2 == 0 }).shuffled(using: &random)
            if round.isMultiple(of: 2) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for event in repeated { group.addTask { try await deliver([event], to: receiver) } }
                    try await group.waitForAll()
                }
            } else {
                try await deliver(repeated, to: receiver)
            }
            #expect(try await StoredRows.everything() == expected, "seed \(seed), round \(round)")
        }
    }

    private func makeReceiver() throws -> ClerkWebhookReceiver {
        let directory = OrganizationDirectory(database: TenantDatabase(pool: try TestDatabase.current.app))
        return try .connected(directory)
    }

    private func deliver(_ events: [DevelopmentEvent], to receiver: ClerkWebhookReceiver) async throws {
        for event in events {
            let headers = event.headers(signedWith: TokenFixture.issuer.webhookSecret, at: TokenFixture.now)
            _ = try await receiver.receive(headers: headers, body: event.body)
        }
    }

    private func randomEvent(_ random: inout SplitMix64) -> DevelopmentEvent {
        func time() -> Timestamp { TokenFixture.now + .seconds(Int.random(in: 0..<3, using: &random)) }
        let verb = DevelopmentEvent.Verb.allCases.randomElement(using: &random) ?? .created
        let organization = DevelopmentEvent.Organization(
            id: ["org_a", "org_b"].randomElement(using: &random) ?? "org_a",
            name: "Nome \(Int.random(in: 0..<5, using: &random))",
            slug: "s\(Int.random(in: 0..<2, using: &random))",
            updatedAt: time()
        )
        // Organisations that are deleted in every history would test nothing else.
        if Int.random(in: 0..<3, using: &random) == 0 {
            let verb = Int.random(in: 0..<4, using: &random) == 0 ? .deleted : DevelopmentEvent.Verb.updated
            return .organization(verb, organization, at: time())
        }
        let user = ["ana", "bia"].randomElement(using: &random) ?? "ana"
        if Int.random(in: 0..<3, using: &random) == 0 {
            let verb = Int.random(in: 0..<4, using: &random) == 0 ? .deleted : DevelopmentEvent.Verb.updated
            let account = DevelopmentEvent.User(
                id: "user_\(user)",
                isBanned: Bool.random(using: &random),
                updatedAt: time()
            )
            return .user(verb, account, at: time())
        }
        let membership = DevelopmentEvent.Membership(
            id: "orgmem_\(user)_\(Int.random(in: 0..<3, using: &random))",
            userID: "user_\(user)",
            role: [.admin, .member].randomElement(using: &random) ?? .member,
            permissions: [.manageAgents],
            organization: organization,
            updatedAt: time()
        )
        return .membership(verb, membership, at: time())
    }
}
