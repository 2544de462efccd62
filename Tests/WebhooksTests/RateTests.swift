internal import Postgres
internal import Primitives
internal import TestSupport
internal import Testing

@testable internal import Jobs
@testable internal import Webhooks

@Suite("An endpoint's rate", .database, .timeLimit(.minutes(2)))
struct RateTests {
    @Test("A-8: two workers share the turns of an endpoint, which are as far apart as its rate says")
    func turns() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, rate: 20)
            let events = try await house.happen(count: 40)
            try await house.relay()
            try await withThrowingTaskGroup { group in
                for _ in 0..<2 {
                    group.addTask {
                        let worker = house.worker()
                        while try await house.count(.jobs) > 0 { try await house.work(worker) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(inbox.letters.count == 40)
            var starts: [Timestamp] = []
            for event in events {
                let attempts = try await house.attempts(of: event, to: endpoint)
                #expect(attempts.count == 1)
                starts += attempts.map(\.startedAt)
            }
            starts.sort()
            // A turn is taken at most 100 ms late, and its row is written soon after, on a starved machine later: of any span
            // of time the rate's share, what fits into that, and one.
            for (first, start) in starts.enumerated() {
                for (last, end) in starts.enumerated() where last > first {
                    let span = Double((end - start).microseconds) / 1_000_000
                    #expect(Double(last - first) <= (span + 0.5) * 20 + 1)
                }
            }
        }
    }

    @Test("A rate that is raised, or given up, is that of what waits, and what comes next does not wait behind that")
    func changed() async throws {
        for rate in [1000, nil] {
            try await Inbox.open { inbox in
                let house = try WebhookHouse(try TestDatabase.current)
                let endpoint = try await house.make(inbox.url, rate: 1)
                try await house.happen(count: 20)
                try await house.relay()
                let worker = house.worker()
                let jobs = try await worker.claimAll()
                await withTaskGroup { group in
                    for job in jobs { group.addTask { await worker.execute(job) } }
                }
                #expect(inbox.letters.count < 4)
                try await house.write { _ = try await house.endpoints.update(endpoint, in: $0) { $0.rate = rate } }
                try await house.happen()
                try await house.relay()
                let due = ContinuousClock.now
                try await until {
                    try await house.work()
                    return inbox.letters.count == 21 || .now - due > .seconds(6)
                }
                #expect(inbox.letters.count == 21)
                try await house.makeDue()
                try await house.work()
                #expect(inbox.letters.count == 21)
                #expect(try await house.count(.jobs) == 0)
            }
        }
    }

    @Test("A turn that was missed is another's time: a new one is taken behind all others")
    func missed() {
        let now = Timestamp(secondsSinceEpoch: 1000)
        let step = { (turnAt: Timestamp?, restUntil: Timestamp?) in
            Sending.sample(turnAt: turnAt, restUntil: restUntil, now: now)
                .step(of: .sample, isFirst: true, isAgain: false)
        }
        #expect(step(nil, nil) == .takeTurn(rate: 10))
        #expect(step(now, nil) == .send)
        #expect(step(now - .milliseconds(100), nil) == .send)
        #expect(step(now - .milliseconds(101), nil) == .takeTurn(rate: 10))
        #expect(step(now + .milliseconds(300), nil) == .wait(.milliseconds(300)))
        #expect(step(now, now + .seconds(5)) == .takeTurn(rate: 10))
        #expect(step(now + .seconds(6), now + .seconds(5)) == .wait(.seconds(6)))
        #expect(step(now, now - .seconds(5)) == .send)
    }
}

extension DeliveryPiece {
    fileprivate static let sample = DeliveryPiece(endpointID: .next(), eventID: .next(), round: 0, trigger: .automatic)
}

extension Sending {
    fileprivate static func sample(turnAt: Timestamp?, restUntil: Timestamp?, now: Timestamp) -> Sending {
        Sending(
            state: .pending,
            round: 0,
            step: 0,
            turnAt: turnAt,
            body: "",
            endpointName: "",
            url: "",
            sealedHeaders: [],
            sealedSecrets: [],
            retryCount: 9,
            timeout: .seconds(15),
            rate: 10,
            isActive: true,
            disabled: nil,
            isFailing: false,
            restUntil: restUntil,
            now: now,
            isOrdered: false,
            isBehind: false,
            attempts: 0,
            dueAt: now,
            openSince: nil,
            organizationState: nil
        )
    }
}
