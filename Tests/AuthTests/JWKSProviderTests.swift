internal import AsyncHTTPClient
@testable internal import Auth
internal import FoundationEssentials
internal import HTTPTypes
internal import Hummingbird
internal import Primitives
internal import Secrets
internal import Testing

@Suite("Keys from a server") struct JWKSProviderTests {
    private let time = ManualTime()

    private func provider(_ server: KeyServer, timeout: Duration = .seconds(5)) -> JWKSProvider {
        let time = time
        return JWKSProvider(
            source: .url("http://127.0.0.1:\(server.port)/jwks.json"),
            client: .shared,
            logger: TokenFixture.logger,
            fetchTimeout: timeout,
            now: { time.now }
        )
    }

    private func verifier(_ keys: JWKSProvider) -> ClerkTokenVerifier {
        ClerkTokenVerifier(policy: TokenFixture.policy, keys: keys, clock: .fixed(TokenFixture.now))
    }

    private func code(_ keys: JWKSProvider, id: String) async -> String? {
        do {
            _ = try await keys.key(id: id)
            return nil
        } catch {
            return error.code.rawValue
        }
    }

    @Test("10,000 tokens with unknown keys cause one fetch in 30 seconds, and valid ones go on")
    func unknownKeys() async throws {
        try await KeyServer.run { server in
            let verifier = verifier(provider(server))
            let valid = TokenFixture.token()
            let payload = valid.drop { $0 != "." }
            for round in 1...2 {
                for number in 0..<10_000 {
                    let header: JSON = ["alg": "RS256", "kid": .string("ins_\(round)_\(number)"), "typ": "JWT"]
                    let forged = Base64.url.encode(header.encoded) + payload
                    #expect(await verifier.refusal(of: forged) == "token_key_unknown")
                    if number % 1000 == 0 { #expect(await verifier.refusal(of: valid) == nil) }
                }
                #expect(server.requests == round)
                time.advance(by: .seconds(30))
            }
        }
    }

    @Test("Tokens that come together wait for one fetch")
    func singleFlight() async throws {
        try await KeyServer.run { server in
            let keys = provider(server)
            let id = TokenFixture.issuer.keyID
            let codes = await withTaskGroup { group in
                for _ in 0..<200 { group.addTask { await code(keys, id: id) } }
                return await group.reduce(into: [String?]()) { $0.append($1) }
            }
            #expect(codes.allSatisfy { $0 == nil })
            #expect(server.requests == 1)
        }
    }

    @Test("A request that is cancelled while it waits takes the fetch from nobody")
    func cancelledWaiter() async throws {
        try await KeyServer.run { server in
            let keys = provider(server)
            let cancelled = Task { await code(keys, id: "x") }
            cancelled.cancel()
            #expect(await cancelled.value == "token_key_unknown")
            #expect(await code(keys, id: TokenFixture.issuer.keyID) == nil)
            #expect(server.requests == 1)
        }
    }

    @Test("After a rotation the new key is accepted within one fetch, and the old one no more, even from the cache")
    func rotation() async throws {
        let next = TokenFixture.makeIssuer()
        try await KeyServer.run { server in
            let verifier = verifier(provider(server))
            let old = TokenFixture.token()
            let new = next.token(for: TokenFixture.session, lifetime: .seconds(60))
            #expect(await verifier.refusal(of: old) == nil)
            server.body = [UInt8](try Data(contentsOf: URL(filePath: next.jwksPath)))
            #expect(await verifier.refusal(of: new) == "token_key_unknown")
            time.advance(by: .seconds(30))
            #expect(await verifier.refusal(of: new) == nil)
            #expect(await verifier.refusal(of: old) == "token_key_unknown")
            #expect(server.requests == 2)
        }
    }

    @Test(
        "An answer that is no key set leaves the known keys as they are",
        arguments: [
            KeyServer.Answer(status: .internalServerError, body: []),
            KeyServer.Answer(status: .movedPermanently, body: []),
            KeyServer.Answer(status: .ok, body: Array("<html>".utf8)),
            KeyServer.Answer(status: .ok, body: Array(#"{"keys":[]}"#.utf8)),
            KeyServer.Answer(status: .ok, body: [UInt8](repeating: 0x20, count: 300 * 1024)),
        ]
    )
    func brokenAnswer(answer: KeyServer.Answer) async throws {
        try await KeyServer.run { server in
            let keys = provider(server)
            let id = TokenFixture.issuer.keyID
            #expect(await code(keys, id: id) == nil)
            server.answer = answer
            time.advance(by: .seconds(30))
            #expect(await code(keys, id: "x") == "token_key_unknown")
            #expect(server.requests == 2)
            #expect(await code(keys, id: id) == nil)
            time.advance(by: JWKSState.staleLimit)
            #expect(await code(keys, id: id) == "token_keys_unavailable")
        }
    }

    @Test("A server that does not finish its answer is given up")
    func stalledAnswer() async throws {
        try await KeyServer.run { server in
            server.isStalled = true
            let keys = provider(server, timeout: .seconds(2))
            #expect(await code(keys, id: "x") == "token_keys_unavailable")
            server.isStalled = false
            time.advance(by: .seconds(30))
            #expect(await code(keys, id: TokenFixture.issuer.keyID) == nil)
        }
    }

    @Test("A server that is not there makes tokens unverifiable for now, not bad")
    func absentServer() async throws {
        let port = try await KeyServer.run { $0.port }
        let keys = JWKSProvider(
            source: .url("http://127.0.0.1:\(port)/jwks.json"),
            client: .shared,
            logger: TokenFixture.logger,
            fetchTimeout: .milliseconds(200)
        )
        let fault = await #expect(throws: Fault.self) { try await keys.key(id: "x") }
        #expect(fault?.code == .tokenKeysUnavailable)
        #expect(fault?.code.kind == .unavailable)
        #expect((fault?.retryAfter ?? .zero) > .seconds(20))
    }

    @Test("One configured key verifies whatever id a token gives it")
    func configuredKey() async throws {
        let verifier = TokenFixture.verifier(source: try #require(JWKSSource(setting: TokenFixture.publicKey.pem)))
        #expect(await verifier.refusal(of: TokenFixture.token()) == nil)
        let stranger = TokenFixture.makeIssuer().token(for: TokenFixture.session, lifetime: .seconds(60))
        #expect(await verifier.refusal(of: stranger) == "token_signature_invalid")
    }

    @Test("A setting is a PEM, a file, or a URL that nobody between can change")
    func settings() throws {
        func name(_ setting: String) -> String? {
            switch JWKSSource(setting: setting) {
            case .url: "url"
            case .file: "file"
            case .key: "key"
            case nil: nil
            }
        }
        #expect(name("https://clerk.example.com/.well-known/jwks.json") == "url")
        #expect(name("http://127.0.0.1:9000/jwks.json") == "url")
        #expect(name("http://localhost/jwks.json") == "url")
        #expect(name(TokenFixture.issuer.jwksPath) == "file")
        #expect(name(TokenFixture.publicKey.pem) == "key")
        let directory = URL(filePath: TokenFixture.issuer.jwksPath).deletingLastPathComponent()
        let file = directory.appending(path: "setting-\(UUIDv7.next().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        for (content, kind) in [(TokenFixture.publicKey.pem, "key"), ("{\"keys\":[]}", nil), ("", nil)] {
            try Data(content.utf8).write(to: file)
            #expect(name(file.path) == kind, "\(content)")
        }
        for setting in [
            "", "http://clerk.example.com/jwks.json", "http://localhost.example.com/", "ftp://x/", "http://127.0.0.10/",
            "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "/nowhere/jwks.json", directory.path,
        ] {
            #expect(name(setting) == nil, "\(setting)")
        }
    }

    @Test("A key set keeps RSA keys for signatures, and is refused as a whole where it is broken")
    func parsing() throws {
        let key = try JSON.parse(JWKS.encode(TokenFixture.publicKey, id: "a")).root["keys"]?[0]?.object
        let good = try #require(key)
        func changed(_ name: String, _ value: JSON?) -> JSON {
            var key = good
            key[name] = value
            return .object(key)
        }
        func ids(_ keys: [JSON]) throws -> Set<String> {
            Set(try JWKS.parse((["keys": .array(keys)] as JSON).encoded).keys)
        }
        #expect(try ids([.object(good)]) == ["a"])
        #expect(
            try ids([.object(good), changed("kty", "EC"), changed("use", "enc"), changed("alg", "PS256")]) == ["a"]
        )
        #expect(try ids([changed("use", nil), changed("kid", "b")]) == ["a", "b"])
        let refused: [[JSON]] = [
            [], [changed("kty", "EC")], [.object(good), .object(good)], [changed("kid", nil)], [changed("kid", "")],
            [changed("n", "AQAB")], [changed("n", 1)], [changed("e", nil)],
            (0...64).map { changed("kid", .string("k\($0)")) },
        ]
        for keys in refused { #expect(throws: (any Error).self) { try ids(keys) } }
        for text in ["", "[]", "{}", #"{"keys":{}}"#, #"{"keys":[1]}"#] {
            #expect(throws: (any Error).self) { try JWKS.parse(Array(text.utf8)) }
        }
    }
}
