internal import Logging
internal import Primitives
@testable internal import Server
internal import TestSupport
internal import Testing

@Suite("Sentry") struct SentryTests {
    private struct Surprise: Error {}

    private static let logger = Logger(label: "tests") { _ in SwiftLogNoOpLogHandler() }
    private static let origin = SentryOrigin(release: "agentes-de-conversao@1.2.3", environment: "production")

    private static func event(line: UInt = 7, metadata: Logger.Metadata = [:]) throws -> SentryEvent {
        let event = LogEvent(
            level: .error,
            message: "request failed",
            error: Surprise(),
            metadata: nil,
            source: nil,
            file: "API/Edge.swift",
            function: "respond",
            line: line
        )
        return SentryEvent(try #require(ErrorSignature(event)), event, logger: "agentes", metadata: metadata)
    }

    /// Runs `body` with a client, and what becomes of its events.
    private static func sending<T: Sendable>(
        toPort port: Int,
        capacity: Int = 100,
        timeout: Duration = .seconds(30),
        grace: Duration = .seconds(30),
        _ body: (SentryClient, inout AsyncStream<SentryClient.Outcome>.Iterator) async throws -> T
    ) async throws -> T {
        let (outcomes, observed) = AsyncStream.makeStream(of: SentryClient.Outcome.self)
        let client = SentryClient(
            try #require(SentryDSN("http://abc123@127.0.0.1:\(port)/errors/42")),
            origin: origin,
            capacity: capacity,
            timeout: timeout,
            grace: grace,
            observe: { observed.yield($0) }
        )
        async let _ = client.run(logger)
        var iterator = outcomes.makeAsyncIterator()
        return try await body(client, &iterator)
    }

    @Test("An event arrives as an envelope with its headers, and says what failed where, for whom, in which version")
    func envelope() async throws {
        try await HTTPReceiver.run { receiver in
            let event = try Self.event(
                metadata: [
                    "request_id": "01a2", "tenant_id": "01b3", "route": "/api/v2/agents/{agent_id}", "else": "SEGREDO",
                ]
            )
            let delivery = try await Self.sending(toPort: receiver.port) { client, outcomes in
                client.send(event)
                #expect(await outcomes.next() == .sent)
                return try #require(await receiver.deliveries.first { _ in true })
            }
            #expect(delivery.path == "/errors/api/42/envelope/")
            #expect(delivery.headers["content-type"] == "application/x-sentry-envelope")
            let auth = delivery.headers["x-sentry-auth"]
            #expect(auth == "Sentry sentry_version=7, sentry_client=agentes/\(Agentes.version), sentry_key=abc123")
            let lines = delivery.body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            #expect(lines.count == 4 && lines[3].isEmpty)
            let (header, item) = (try JSON.parse(Array(lines[0])).root, try JSON.parse(Array(lines[1])).root)
            let payload = try JSON.parse(Array(lines[2])).root
            #expect(item["type"] == "event" && item["length"]?.integer == lines[2].count)
            let id = try #require(payload["event_id"]?.string)
            #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil && header["event_id"]?.string == id)
            #expect(Timestamp(header["sent_at"]?.string ?? "") != nil)
            #expect(Timestamp(payload["timestamp"]?.string ?? "") != nil)
            #expect(payload["level"] == "error" && payload["platform"] == "other")
            #expect(payload["release"] == "agentes-de-conversao@1.2.3" && payload["environment"] == "production")
            #expect(payload["fingerprint"] == [.string(event.signature.fingerprint)])
            #expect(payload["transaction"] == "/api/v2/agents/{agent_id}")
            let exception = payload["exception"]?["values"]?[0]
            #expect(exception?["type"] == "Surprise" && exception?["value"] == "request failed: Surprise")
            let frame = exception?["stacktrace"]?["frames"]?[0]
            #expect(frame?["filename"] == "API/Edge.swift" && frame?["lineno"] == 7)
            #expect(payload["tags"]?["request_id"] == "01a2" && payload["tags"]?["tenant_id"] == "01b3")
            #expect(!String(decoding: delivery.body, as: UTF8.self).contains("SEGREDO"))
        }
    }

    @Test("After 429 nothing is sent until its Retry-After is over; what comes meanwhile is dropped and counted")
    func tooMany() async throws {
        try await HTTPReceiver.run { receiver in
            receiver.answer(.status(429, ["Retry-After": "3600"]))
            try await Self.sending(toPort: receiver.port) { client, outcomes in
                for line in 1...5 { client.send(try Self.event(line: UInt(line))) }
                for _ in 1...5 { #expect(await outcomes.next() == .rateLimited) }
                receiver.answer(.status(200))
            }
            // The one that got the answer, and no other.
            try await Self.sending(toPort: receiver.port) { client, outcomes in
                client.send(try Self.event(line: 6))
                #expect(await outcomes.next() == .sent)
            }
            var lines: [Bool] = []
            for await delivery in receiver.deliveries.prefix(2) {
                lines.append(String(decoding: delivery.body, as: UTF8.self).contains(#""lineno":6"#))
            }
            #expect(lines == [false, true])
        }
    }

    @Test(
        "A receiver that says nothing holds up no sender: beyond the queue events are dropped, and the end is bounded"
    )
    func slow() async throws {
        try await HTTPReceiver.run { receiver in
            receiver.answer(.nothing)
            try await Self.sending(toPort: receiver.port, capacity: 3, grace: .milliseconds(50)) { client, outcomes in
                client.send(try Self.event())
                _ = await receiver.deliveries.first { _ in true }
                // One is under way, three wait.
                for _ in 1...5 { client.send(try Self.event()) }
                #expect(await outcomes.next() == .queueFull)
                #expect(await outcomes.next() == .queueFull)
                let start = ContinuousClock.now
                await client.finish()
                #expect(ContinuousClock.now - start < .seconds(10))
            }
        }
    }

    @Test("An answer that does not come in time is given up, and the next event is tried")
    func timeout() async throws {
        try await HTTPReceiver.run { receiver in
            receiver.answer(.nothing)
            try await Self.sending(toPort: receiver.port, timeout: .milliseconds(100)) { client, outcomes in
                client.send(try Self.event())
                #expect(await outcomes.next() == .failed)
                receiver.answer(.status(200))
            }
            try await Self.sending(toPort: receiver.port) { client, outcomes in
                client.send(try Self.event())
                #expect(await outcomes.next() == .sent)
            }
        }
    }

    @Test("A receiver that is down or refuses costs the event, and nothing else")
    func down() async throws {
        let port = try await HTTPReceiver.run { receiver in
            receiver.answer(.status(500))
            try await Self.sending(toPort: receiver.port) { client, outcomes in
                client.send(try Self.event())
                #expect(await outcomes.next() == .failed)
                receiver.answer(.status(200))
                client.send(try Self.event())
                #expect(await outcomes.next() == .sent)
            }
            return receiver.port
        }
        try await Self.sending(toPort: port) { client, outcomes in
            client.send(try Self.event())
            client.send(try Self.event())
            #expect(await outcomes.next() == .failed)
            #expect(await outcomes.next() == .failed)
        }
    }

    @Test("At the end what waits is sent")
    func flush() async throws {
        try await HTTPReceiver.run { receiver in
            try await Self.sending(toPort: receiver.port) { client, outcomes in
                for _ in 1...20 { client.send(try Self.event()) }
                await client.finish()
            }
            var count = 0
            for await _ in receiver.deliveries.prefix(20) { count += 1 }
            #expect(count == 20)
        }
    }

    @Test(
        "A DSN names where events go",
        arguments: [
            ("https://abc@o1.ingest.sentry.io/42", "https://o1.ingest.sentry.io/api/42/envelope/"),
            ("https://abc:def@sentry.example.com:8443/a/b/7", "https://sentry.example.com:8443/a/b/api/7/envelope/"),
            ("http://abc@[::1]:9000/p-1", "http://[::1]:9000/api/p-1/envelope/"),
        ]
    )
    func dsn(_ text: String, _ endpoint: String) throws {
        #expect(try #require(SentryDSN(text)).endpoint == endpoint)
    }

    @Test("A secret key in the DSN is sent along")
    func secret() throws {
        let dsn = try #require(SentryDSN("https://abc:def@sentry.example.com/7"))
        #expect(dsn.authorization(client: "x/1").hasSuffix("sentry_key=abc, sentry_secret=def"))
    }

    @Test(
        "What is no DSN is refused",
        arguments: [
            "", "abc", "https://o1.ingest.sentry.io/42", "https://abc@o1.ingest.sentry.io", "https://abc@/42",
            "https://abc@o1.ingest.sentry.io/", "ftp://abc@o1.ingest.sentry.io/42", "https://abc@host/42?x=1",
            "https://a%0d%0ab@host/42", "https://abc@host/4%202", "https://abc:@host/42",
        ]
    )
    func noDSN(_ text: String) {
        #expect(SentryDSN(text) == nil)
    }

    @Test(
        "An answer's limit counts where it concerns errors, the longest of several",
        arguments: [
            (200, nil, nil, 0.0), (200, nil, "60", 0), (429, nil, "120", 120), (429, nil, nil, 60),
            (429, nil, "Wed, 21 Oct 2026 07:28:00 GMT", 60), (200, "60:error:key", nil, 60),
            (200, "60:transaction:key", nil, 0), (429, "60:transaction:key", "90", 0),
            (429, "60:transaction:key, 2700:default;error;security:organization", "5", 2700),
            (429, "60::organization, 2700::organization", nil, 2700), (429, "1e300::key", nil, 86_400),
            (429, "nan:error, -5:error, x:error", nil, 0), (200, "2.5:error", nil, 2.5), (429, "", nil, 0),
        ] as [(Int, String?, String?, Double)]
    )
    func limits(_ status: Int, _ limits: String?, _ retryAfter: String?, _ seconds: Double) {
        let now = ContinuousClock.now
        var limit = SentryRateLimit()
        limit.note(status: status, limits: limits, retryAfter: retryAfter, at: now)
        #expect(limit.isOver(at: now + .seconds(seconds)))
        #expect(seconds == 0 || !limit.isOver(at: now + .seconds(seconds) - .milliseconds(1)))
        // A shorter one does not end it.
        limit.note(status: 429, limits: "0.001:error", retryAfter: nil, at: now)
        #expect(seconds == 0 || !limit.isOver(at: now + .seconds(seconds) - .milliseconds(1)))
    }
}
