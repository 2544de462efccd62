internal import Postgres
internal import Primitives
internal import Secrets
internal import TestSupport
internal import Testing

@testable internal import Jobs
@testable internal import Outbound
@testable internal import Webhooks

@Suite("Receivers that fail", .database, .timeLimit(.minutes(2)))
struct FailureTests {
    @Test("A-6: who hangs, closes half-way, never ends or redirects has failed, and is tried again by the schedule")
    func kinds() async throws {
        let kinds: [(Inbox.Answer, error: String?, status: Int?)] = [
            (.silence, "timed_out", nil), (.half, "broken_response", nil),
            (.status("302 Found", ["Location: http://127.0.0.1:1/"]), nil, 302), (.status("500 Broken"), nil, 500),
        ]
        for (answer, error, status) in kinds {
            try await Inbox.open(answer) { inbox in
                let house = try WebhookHouse(try TestDatabase.current)
                let endpoint = try await house.make(inbox.url, timeout: 1)
                let event = try await house.happen()[0]
                try await house.settle()
                let attempt = try #require(try await house.attempts(of: event, to: endpoint).first)
                #expect(attempt.outcome == .failed)
                #expect(attempt.error == error)
                #expect(attempt.response?.status == status)
                #expect(try await house.states(of: endpoint) == [.pending])
                #expect(inbox.letters.count == 1, "no redirect is followed")
                try await house.script("DELETE FROM jobs.job")
            }
        }
    }

    @Test("A-6: of a body without an end 64 KiB are read and 16 KiB kept")
    func endless() async throws {
        try await Inbox.open(.endless) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            let event = try await house.happen()[0]
            try await house.settle()
            let response = try #require(try await house.attempts(of: event, to: endpoint).first?.response)
            #expect(response.body == [UInt8](repeating: UInt8(ascii: "x"), count: 16 << 10))
            #expect(response.isBodyCut)
        }
    }

    @Test("The schedule's steps follow each other, as many as the endpoint wants; then the delivery has failed")
    func schedule() async throws {
        try await Inbox.open(.status("500 Broken")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, retryCount: 3)
            let event = try await house.happen()[0]
            try await house.relay()
            for step in [5.0, 300, 1800] {
                try await house.work()
                let delay = try #require(try await house.waiting()["retry"])
                #expect(abs(delay - step) < 30 && delay <= step)
                try await house.makeDue()
            }
            try await house.work()
            #expect(try await house.states(of: endpoint) == [.failed])
            #expect(try await house.attempts(of: event, to: endpoint).count == 4)
            #expect(try await house.count(.jobs) == 0)
            #expect(try await house.test.administrator.query(CountDead()) == [0])
        }
    }

    @Test("A-4: Retry-After is a lower bound; who is overloaded without saying for how long gets a minute")
    func retryAfter() async throws {
        let answers: [(Inbox.Answer, Double)] = [
            (.status("429 Slow", ["Retry-After: 1000"]), 1000), (.status("503 Away", ["Retry-After: 700"]), 700),
            (.status("429 Slow"), 60), (.status("502 Away"), 60), (.status("504 Away"), 60),
            (.status("429 Slow", ["Retry-After: 3"]), 5), (.status("500 Broken"), 5),
            (.status("429 Slow", ["Retry-After: 99999999999999999999"]), 7 * 86_400),
        ]
        for (answer, expected) in answers {
            try await Inbox.open(answer) { inbox in
                let house = try WebhookHouse(try TestDatabase.current)
                let endpoint = try await house.make(inbox.url)
                try await house.happen()
                try await house.settle()
                let delay = try #require(try await house.waiting()["retry"])
                #expect(delay <= expected && delay > expected - 30, "\(answer)")
                try await house.script("DELETE FROM jobs.job")
                try await house.write { try await house.endpoints.delete(endpoint, in: $0) }
            }
        }
    }

    @Test("A-4: an endpoint that asked to be left alone gets nothing of any event until then")
    func rest() async throws {
        try await Inbox.open(.status("429 Slow", ["Retry-After: 600"]), .status("200 OK")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            try await house.happen()
            try await house.settle()
            try await house.happen(count: 3)
            try await house.settle()
            #expect(inbox.letters.count == 1)
            #expect(try await house.states(of: endpoint).count == 4)
            try await house.makeDue()
            try await house.work()
            #expect(inbox.letters.count == 5)
            #expect(try await house.states(of: endpoint) == [.succeeded, .succeeded, .succeeded, .succeeded])
        }
    }

    @Test("410 ends it at once: nothing more is sent, what comes is held, until its owner enables it")
    func gone() async throws {
        try await Inbox.open(.status("410 Gone"), .status("200 OK")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            try await house.happen()
            try await house.settle()
            try await house.happen(count: 2)
            try await house.settle()
            #expect(inbox.letters.count == 1)
            #expect(try await house.states(of: endpoint) == [.held, .held, .failed])
            let disabled = try await house.endpoint(endpoint)
            #expect(disabled.disabled?.reason == .gone)
            #expect(!disabled.settings.isActive)
            #expect(disabled.disabled?.nextProbeAt == nil)
            try await house.write { _ = try await house.endpoints.update(endpoint, in: $0) { $0.isActive = true } }
            try await house.makeDue()
            try await house.work()
            #expect(inbox.letters.count == 3)
            #expect(try await house.states(of: endpoint) == [.succeeded, .succeeded, .failed])
        }
    }

    @Test(
        "A-11: five days of failures disable it, the others are told, and a probe that succeeds enables it with what was held"
    )
    func failing() async throws {
        try await Inbox.open(.status("500 Broken")) { inbox in
            try await Inbox.open { others in
                let house = try WebhookHouse(try TestDatabase.current)
                let endpoint = try await house.make(inbox.url, retryCount: 1)
                let other = try await house.make(others.url, events: ["webhook_*"])
                try await house.happen()
                try await house.settle()
                #expect(try await house.endpoint(endpoint).failingSince != nil)
                try await house.script(
                    "UPDATE webhooks.endpoint SET failing_since = now() - interval '4 days 23 hours'"
                )
                try await house.makeDue()
                try await house.work()
                #expect(try await house.endpoint(endpoint).disabled == nil)
                try await house.happen()
                try await house.script(
                    """
                    UPDATE webhooks.endpoint SET failing_since = now() - interval '5 days 1 second'
                    WHERE id = '\(endpoint)'
                    """
                )
                try await house.settle()
                let disabled = try #require(try await house.endpoint(endpoint).disabled)
                #expect(disabled.reason == .failing)
                #expect(disabled.nextProbeAt == disabled.at + .seconds(3600))
                // The notice goes to the other one, and is not held for the one that it tells of.
                try await house.happen()
                try await house.settle()
                #expect(others.letters.count == 1)
                #expect(others.letters.first?.text.contains(#""type":"webhook_disabled""#) == true)
                #expect(others.letters.first?.text.contains(#""endpoint_id":"\#(endpoint)""#) == true)
                #expect(try await house.states(of: other) == [.succeeded])
                #expect(inbox.letters.count == 3)
                try await house.makeDue()
                try await house.work()
                // The probe has failed: again later, and what waited for a retry is held. What failed for good still has.
                #expect(inbox.letters.count == 4)
                #expect(try await house.states(of: endpoint) == [.held, .held, .failed])
                #expect(try await house.endpoint(endpoint).disabled != nil)
                inbox.answer(.status("200 OK"))
                try await house.makeDue()
                try await house.work()
                #expect(try await house.endpoint(endpoint).disabled == nil)
                #expect(try await house.endpoint(endpoint).settings.isActive)
                try await house.makeDue()
                try await house.work()
                #expect(try await house.states(of: endpoint) == [.succeeded, .succeeded, .failed])
                #expect(inbox.letters.count == 6)
                #expect(try await house.count(.jobs) == 0)
            }
        }
    }

    @Test("One event that a receiver always refuses keeps nothing else from it: every third probe is a test event")
    func refusesOne() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            let refused = try await house.happen()[0]
            inbox.fail(refused, times: 99)
            try await house.settle()
            try await house.script("UPDATE webhooks.endpoint SET failing_since = now() - interval '6 days'")
            try await house.makeDue()
            try await house.work()
            #expect(try await house.endpoint(endpoint).disabled?.reason == .failing)
            let held = try await house.happen(count: 3).map(\.description)
            try await house.settle()
            for _ in 0..<5 {
                try await house.makeDue()
                try await house.work()
            }
            #expect(try await house.endpoint(endpoint).disabled == nil)
            for event in held { #expect(inbox.letters.count { $0.id == event } == 1) }
            #expect(inbox.letters.count { $0.text.contains(#""type":"webhook_test""#) } == 1)
        }
    }

    @Test("A probe takes nothing that has failed for good; one that fails leaves no test event behind to be sent later")
    func probesWhatIsHeld() async throws {
        try await Inbox.open(.status("500 Broken")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, retryCount: 0)
            try await house.happen()
            try await house.settle()
            try await house.script("UPDATE webhooks.endpoint SET failing_since = now() - interval '6 days'")
            try await house.happen()
            try await house.settle()
            #expect(try await house.endpoint(endpoint).disabled?.reason == .failing)
            // Nothing is held: the first is a test event too.
            for _ in 0..<3 {
                try await house.makeDue()
                try await house.work()
            }
            #expect(try await house.states(of: endpoint) == Array(repeating: .failed, count: 5))
            #expect(inbox.letters.count == 5)
            try await house.happen()
            inbox.answer(.status("200 OK"))
            try await house.settle()
            for _ in 0..<2 {
                try await house.makeDue()
                try await house.work()
            }
            #expect(try await house.states(of: endpoint) == [.succeeded] + Array(repeating: .failed, count: 5))
            #expect(inbox.letters.count == 6)
            #expect(try await house.count(.jobs) == 0)
        }
    }

    @Test("410 to a probe ends the probes, too; the others, who know of it, are not told again")
    func goneWhileDisabled() async throws {
        try await Inbox.open(.status("500 Broken")) { inbox in
            try await Inbox.open { others in
                let house = try WebhookHouse(try TestDatabase.current)
                let endpoint = try await house.make(inbox.url)
                try await house.make(others.url, events: ["webhook_*"])
                try await house.happen()
                try await house.settle()
                try await house.script(
                    "UPDATE webhooks.endpoint SET failing_since = now() - interval '6 days' WHERE id = '\(endpoint)'"
                )
                try await house.makeDue()
                try await house.work()
                let failing = try #require(try await house.endpoint(endpoint).disabled)
                #expect(failing.reason == .failing)
                inbox.answer(.status("410 Gone"))
                try await house.makeDue()
                try await house.settle()
                let gone = try #require(try await house.endpoint(endpoint).disabled)
                #expect(gone.reason == .gone && gone.at == failing.at && gone.nextProbeAt == nil)
                let sent = inbox.letters.count
                for _ in 0..<2 {
                    try await house.makeDue()
                    try await house.settle()
                }
                #expect(inbox.letters.count == sent)
                #expect(others.letters.count == 1)
                #expect(try await house.count(.jobs) == 0)
            }
        }
    }

    @Test("A-4: what was sent once by hand to a disabled endpoint is in its attempts, and is held again where it fails")
    func byHand() async throws {
        try await Inbox.open(.status("410 Gone"), .status("500 Broken"), .status("200 OK")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url)
            let event = try await house.happen()[0]
            try await house.settle()
            for state in [WebhookDelivery.State.held, .succeeded] {
                try await house.write {
                    _ = try await house.deliveries.redeliver(event, to: endpoint, in: $0)
                }
                try await house.work()
                #expect(try await house.states(of: endpoint) == [state])
            }
            let attempts = try await house.attempts(of: event, to: endpoint)
            #expect(attempts.map(\.trigger) == [.automatic, .manual, .manual])
            #expect(attempts.map(\.response?.status) == [410, 500, 200])
            #expect(try await house.endpoint(endpoint).disabled?.reason == .gone, "that is its owner's to say")
        }
    }

    @Test("A test event goes to one endpoint, once")
    func test() async throws {
        try await Inbox.open(.status("500 Broken")) { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let endpoint = try await house.make(inbox.url, events: ["lead_captured"])
            let other = try await house.make(inbox.url)
            let delivery = try await house.write { try await house.deliveries.test(endpoint, in: $0) }
            #expect(delivery.type == "webhook_test" && delivery.state == .pending)
            try await house.settle()
            #expect(inbox.letters.count == 1)
            #expect(inbox.letters.first?.id == delivery.id.description)
            #expect(try await house.states(of: endpoint) == [.failed])
            #expect(try await house.states(of: other) == [])
            #expect(try await house.attempts(of: delivery.id, to: endpoint).map(\.trigger) == [.test])
            #expect(try await house.count(.jobs) == 0)
        }
    }

    @Test("A-5: a name that leads to this machine is refused with an attempt row and not a packet")
    func blocked() async throws {
        try await Inbox.open { inbox in
            let resolver = LoopbackResolver()
            let policy = OutboundPolicy(allowsPlainHTTP: true, ports: [1...65_535])
            let outbound = try OutboundClient(OutboundConfiguration(policy: policy, resolver: resolver))
            let house = try WebhookHouse(try TestDatabase.current, outbound: outbound)
            let endpoint = try await house.make("http://loja.example:\(inbox.server.port)/")
            let event = try await house.happen()[0]
            try await house.settle()
            let attempt = try #require(try await house.attempts(of: event, to: endpoint).first)
            #expect(attempt.error == "address_blocked")
            #expect(attempt.response == nil)
            #expect(inbox.server.accepted == 0)
            // The server does listen.
            let developer = try WebhookHouse(try TestDatabase.current)
            try await developer.make(inbox.url)
            try await developer.happen()
            try await developer.settle()
            #expect(inbox.server.accepted == 1)
            let fault = await #expect(throws: Fault.self) { try await house.make(inbox.url) }
            #expect(fault?.code == .validation)
            #expect(fault?.problems.map(\.field) == ["url"])
        }
    }
}

/// Every name is this machine's.
struct LoopbackResolver: NameResolver {
    func addresses(of name: String) async throws -> [IPAddress] {
        ["127.0.0.1"].compactMap { IPAddress($0) }
    }
}
