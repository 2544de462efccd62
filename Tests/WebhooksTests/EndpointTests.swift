internal import Postgres
internal import Primitives
internal import Secrets
internal import TestSupport
internal import Testing

@testable internal import Webhooks

@Suite("Endpoints", .database, .timeLimit(.minutes(2)))
struct EndpointTests {
    @Test("A-9: during the grace both secrets verify, after it the old one never does")
    func rotation() async throws {
        try await Inbox.open { inbox in
            let house = try WebhookHouse(try TestDatabase.current)
            let (old, new) = (WebhookSecret.generate(), WebhookSecret.generate())
            let endpoint = try await house.make(inbox.url, secret: old)
            let rotated = try await house.write {
                try await house.endpoints.rotateSecret(of: endpoint, to: new, in: $0)
            }
            #expect(rotated.secret?.exposed == new.text.exposed)
            #expect(rotated.withoutSecret.secret == nil)
            let until = try #require(rotated.endpoint.previousSecretUntil)
            #expect(until - rotated.endpoint.updatedAt == .seconds(86_400))
            // Asked for again, by whom no answer reached.
            let again = try await house.write {
                try await house.endpoints.rotateSecret(of: endpoint, to: new, in: $0)
            }
            #expect(again.endpoint.previousSecretUntil == until)
            try await house.happen()
            try await house.settle()
            try await house.script("UPDATE webhooks.endpoint SET previous_until = now()")
            try await house.happen()
            try await house.settle()
            let verdicts = inbox.letters.map { letter in
                [old, new].map { secret in
                    let now = WallClock.system.now()
                    let verdict = StandardWebhooks.verify(letter.signed, body: letter.body, with: [secret], now: now)
                    return if case .accepted = verdict { true } else { false }
                }
            }
            #expect(verdicts == [[true, true], [false, true]])
            #expect(try await house.endpoint(endpoint).previousSecretUntil == nil)
        }
    }

    @Test("Secrets and the values of headers are nowhere in the database")
    func sealed() async throws {
        let house = try WebhookHouse(try TestDatabase.current)
        let header = try WebhookHeader(name: "Authorization", value: "Bearer marcado")
        let secret = WebhookSecret.generate()
        let endpoint = try await house.make("http://127.0.0.1:9000/", headers: [header], secret: secret)
        _ = try await house.keys.published()
        let rows = try await house.test.administrator.query(SelectRows())
        #expect(rows.count == 2)
        #expect(!rows.contains { $0.contains("marcado") || $0.contains(secret.text.exposed) || $0.contains("whsk_") })
        #expect(try await house.endpoint(endpoint).headerNames == ["Authorization"])
    }

    @Test("A tenant has fifty endpoints and not one more, whoever asks at once")
    func limit() async throws {
        let house = try WebhookHouse(try TestDatabase.current)
        for _ in 0..<48 { try await house.make("http://127.0.0.1:9000/") }
        let made = await withTaskGroup { group in
            for _ in 0..<6 {
                group.addTask { (try? await house.make("http://127.0.0.1:9000/")) != nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(made == 2)
        let fault = await #expect(throws: Fault.self) { try await house.make("http://127.0.0.1:9000/") }
        #expect(fault?.code == .webhookLimitReached)
        let first = try await house.endpoints.endpoints(PageRequest(limit: 30, after: nil), in: house.tenant)
        let rest = try await house.endpoints.endpoints(PageRequest(limit: 30, after: first.next), in: house.tenant)
        #expect(first.items.count == 30 && rest.items.count == 20 && rest.next == nil)
        #expect(Set((first.items + rest.items).map(\.id)).count == 50)
    }

    @Test("An update changes what it changes; a URL that may not be called is refused")
    func update() async throws {
        let house = try WebhookHouse(try TestDatabase.current)
        let header = try WebhookHeader(name: "X-A", value: "1")
        let endpoint = try await house.make("http://127.0.0.1:9000/", events: ["message_*"], headers: [header], rate: 5)
        let changed = try await house.write { transaction in
            try await house.endpoints.update(endpoint, in: transaction) { settings in
                settings.name = "Outra"
                settings.rate = nil
            }
        }
        #expect(changed.settings.name == "Outra" && changed.settings.rate == nil)
        #expect(changed.settings.events.map(\.rawValue) == ["message_*"] && changed.headerNames == ["X-A"])
        for url in ["ftp://loja.example/", "http://10.0.0.1/", "https://user@loja.example/", "http://169.254.169.254/"]
        {
            let fault = await #expect(throws: Fault.self) {
                try await house.write { _ = try await house.endpoints.update(endpoint, in: $0) { $0.url = url } }
            }
            #expect(fault?.code == .validation)
        }
        #expect(try await house.endpoint(endpoint) == changed)
    }

    @Test(
        "Patterns are names, beginnings of names, or a star",
        arguments: [
            ("message_received", true), ("message_*", true), ("*", true), ("a", true), ("", false), ("_*", false),
            ("Message", false), ("a.b", false), ("**", false), ("a*b", false), ("1a", false),
            (String(repeating: "a", count: 99), true), (String(repeating: "a", count: 100), false),
        ]
    )
    func patterns(text: String, isPattern: Bool) throws {
        #expect((EventPattern(rawValue: text) != nil) == isPattern)
        let expression = try Regex(EventPattern.expression)
        #expect((try expression.wholeMatch(in: text) != nil) == isPattern)
    }

    @Test("Headers that are ours, or that no line can hold, are refused")
    func headers() {
        for name in ["Host", "content-type", "Webhook-Id", "webhook-x", "Transfer-Encoding", "", "a b", "é"] {
            #expect(throws: WebhookHeader.Problem.self) { try WebhookHeader(name: name, value: "1") }
        }
        for value in ["a\r\nb", "é", " a", "a ", "\u{0}", String(repeating: "a", count: 1001)] {
            #expect(throws: WebhookHeader.Problem.value) { try WebhookHeader(name: "X-A", value: value) }
        }
    }

    @Test("The platform's key signs at once; its successor is published before it signs, and the old one after that")
    func keys() async throws {
        let house = try WebhookHouse(try TestDatabase.current)
        let first = try await house.keys.published()
        #expect(first.count == 1 && first[0].publishedUntil == nil)
        try await house.keys.rotateIfDue()
        #expect(try await house.keys.published() == first)
        try await house.script("UPDATE webhooks.signing_key SET signs_from = now() - interval '91 days'")
        // Two processes at once make one key.
        let others = [SigningKeys(database: house.database, masterKey: house.masterKey), house.keys]
        try await withThrowingTaskGroup { group in
            for keys in others { group.addTask { try await keys.rotateIfDue() } }
            try await group.waitForAll()
        }
        // Whichever made it, the other knows the first one alone for up to a minute.
        let third = SigningKeys(database: house.database, masterKey: house.masterKey)
        let both = try await third.published()
        #expect(both.count == 2 && both[1].text == first[0].text && both[1].publishedUntil != nil)
        #expect(try await third.signing().publicKey.text == first[0].text)
        try await house.script("UPDATE webhooks.signing_key SET signs_from = now() WHERE generation = 2")
        let later = SigningKeys(database: house.database, masterKey: house.masterKey)
        #expect(try await later.signing().publicKey.text == both[0].text)
        try await house.script("UPDATE webhooks.signing_key SET published_until = now() WHERE generation = 1")
        let last = SigningKeys(database: house.database, masterKey: house.masterKey)
        #expect(try await last.published().map(\.text) == [both[0].text])
    }
}

private struct SelectRows: Statement {
    static let sql = """
        SELECT row::text
            || encode(sealed_secret, 'escape') || encode(sealed_headers, 'escape')
        FROM webhooks.endpoint AS row
        UNION ALL SELECT row::text || encode(sealed_key, 'escape') FROM webhooks.signing_key AS row
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}
