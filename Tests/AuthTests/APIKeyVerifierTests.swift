@testable internal import Auth
internal import Logging
internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@Suite("API keys are verified", .database)
struct APIKeyVerifierTests {
    private static let now = TokenFixture.now

    @Test("A key is who it was made as: its scopes, its agents, its limit, its maker")
    func valid() async throws {
        let bench = try await KeyBench()
        let grant = APIKey.Grant(
            name: "Loja",
            scopes: [.chat, .agentsRead],
            agentIDs: [.next(), .next()],
            requestsPerMinute: 7,
            expiresAt: Self.now + .seconds(60)
        )
        let (key, text) = try await bench.create(grant)
        let verified = try await bench.verifier().verify(text)
        #expect(verified.tenantID == bench.tenantID && verified.requestsPerMinute == 7)
        #expect(
            verified.principal
                == Principal.Key(
                    id: key.id,
                    name: "Loja",
                    createdBy: "user_ana",
                    scopes: grant.scopes,
                    agentIDs: grant.agentIDs
                )
        )
    }

    @Test("A key is recalled once it was verified, while it is good, and in no other form")
    func recall() async throws {
        let bench = try await KeyBench()
        let (key, text) = try await bench.create(
            APIKey.Grant(name: "Loja", scopes: [.chat], expiresAt: Self.now + .seconds(60))
        )
        let time = Box(Self.now)
        let verifier = bench.verifier(clock: WallClock { time.value })
        #expect(verifier.recall(text) == nil)
        let verified = try await verifier.verify(text)
        #expect(verifier.recall(text) == verified)
        #expect(verifier.recall(text + "x") == nil && verifier.recall("") == nil)
        time.value = Self.now + .seconds(60)
        #expect(verifier.recall(text) == nil)
        time.value = Self.now
        var revocations = Revocations()
        revocations.insert(.apiKey(key.id), of: bench.tenantID)
        verifier.forget(revocations)
        #expect(verifier.recall(text) == nil)
    }

    @Test("Unknown, of another tenant or with another secret is all the same; revoked and expired have their own codes")
    func refusals() async throws {
        let bench = try await KeyBench()
        let other = try await KeyBench(organization: "org_other")
        let (_, text) = try await bench.create(APIKey.Grant(name: "Loja", scopes: [.chat]))
        let verifier = bench.verifier()
        #expect(try await verifier.verify(text).tenantID == bench.tenantID)
        #expect(await verifier.refusal(of: APIKeyToken(newFor: bench.tenantID).text.exposed) == .apiKeyInvalid)
        #expect(await verifier.refusal(of: text.withTenant(other.tenantID)) == .apiKeyInvalid)
        #expect(await verifier.refusal(of: text.withSecret()) == .apiKeyInvalid)
        #expect(await verifier.refusal(of: String(text.dropLast()) + "_") == .apiKeyMalformed)

        let (_, ending) = try await bench.create(
            APIKey.Grant(name: "Loja", scopes: [.chat], expiresAt: Self.now + .seconds(60))
        )
        #expect(await bench.verifier(at: Self.now + .microseconds(59_999_999)).refusal(of: ending) == nil)
        #expect(await bench.verifier(at: Self.now + .seconds(60)).refusal(of: ending) == .apiKeyExpired)

        let (revoked, revokedText) = try await bench.create(APIKey.Grant(name: "Loja", scopes: [.chat]))
        try await bench.revoke(revoked.id)
        #expect(await verifier.refusal(of: revokedText) == .apiKeyRevoked)
    }

    @Test("A key that expires while it is remembered is refused at once")
    func expiryWhileRemembered() async throws {
        let bench = try await KeyBench()
        let time = Box(Self.now)
        let verifier = bench.verifier(clock: WallClock { time.value })
        let (_, text) = try await bench.create(
            APIKey.Grant(name: "Loja", scopes: [.chat], expiresAt: Self.now + .seconds(1))
        )
        #expect(await verifier.refusal(of: text) == nil)
        time.value = Self.now + .seconds(1)
        #expect(await verifier.refusal(of: text) == .apiKeyExpired)
    }

    @Test("A revoked key is remembered as good until it is forgotten, which is known for the key alone")
    func forgetting() async throws {
        let bench = try await KeyBench()
        let time = ManualTime()
        let verifier = bench.verifier(now: { time.now })
        let (key, text) = try await bench.create(APIKey.Grant(name: "Loja", scopes: [.chat]))
        #expect(await verifier.refusal(of: text) == nil)
        try await bench.revoke(key.id)
        #expect(await verifier.refusal(of: text) == nil, "remembered")
        func forget(_ id: APIKeyID, of tenantID: TenantID) {
            var revocations = Revocations()
            revocations.insert(.apiKey(id), of: tenantID)
            verifier.forget(revocations)
        }
        forget(.next(), of: bench.tenantID)
        forget(key.id, of: .none)
        #expect(await verifier.refusal(of: text) == nil, "another one was forgotten")
        forget(key.id, of: bench.tenantID)
        #expect(await verifier.refusal(of: text) == .apiKeyRevoked)
    }

    @Test("What is remembered lasts 4 s from when its row began to be read, and is bounded")
    func cache() throws {
        let cache = VerifiedAPIKeyCache(capacity: 3)
        let start = ContinuousClock.now
        func key(_ digest: [UInt8]) -> StoredAPIKey {
            StoredAPIKey(
                tenantID: .none,
                digest: digest,
                principal: Principal.Key(id: .next(), name: "", createdBy: "", scopes: [], agentIDs: nil),
                requestsPerMinute: nil,
                expiresAt: nil,
                isRevoked: false,
                lastUsedAt: nil
            )
        }
        cache.insert(key([1]), at: start)
        #expect(cache.key(for: [1], at: start + .milliseconds(3999)) != nil)
        #expect(cache.key(for: [1], at: start + .seconds(4)) == nil)
        for digest in UInt8(2)...100 {
            cache.insert(key([digest]), at: start)
            let known = (UInt8(1)...100).filter { cache.key(for: [$0], at: start) != nil }
            #expect(known.count <= 3 && known.last == digest)
        }
    }

    @Test("10,000 invented keys ask the database nothing; a good one asks it once")
    func queries() async throws {
        let bench = try await KeyBench()
        let (_, text) = try await bench.create(APIKey.Grant(name: "Loja", scopes: [.chat]))
        // One connection for the verifier alone, which tells the server what it did when it is asked to.
        let configuration = try TestDatabase.current.configuration(as: .app, poolSize: 1)
        try await PostgresPool.running(configuration, logger: TestDatabase.logger) { pool in
            let time = ManualTime()
            let verifier = bench.verifier(TenantDatabase(pool: pool), now: { time.now })
            let before = try await bench.lookUps(seenBy: pool)
            for number in 0..<10_000 {
                // Right in form, half of them with this tenant, with a checksum that is drawn like the rest.
                let tenant = number % 2 == 0 ? Array(text.utf8.dropFirst(12).prefix(22)) : Base62.random(22)
                let invented = "adc_sk_live_" + String(decoding: tenant + Base62.random(47), as: UTF8.self)
                #expect(await verifier.refusal(of: invented) == .apiKeyMalformed)
            }
            #expect(try await bench.lookUps(seenBy: pool) == before)
            for _ in 0..<100 { #expect(await verifier.refusal(of: text) == nil) }
            #expect(try await bench.lookUps(seenBy: pool) == before + 1, "this can count")
        }
    }

    @Test("The last use is written once a minute, behind the requests, whichever server sees it")
    func lastUse() async throws {
        let bench = try await KeyBench()
        let (key, text) = try await bench.create(APIKey.Grant(name: "Loja", scopes: [.chat]))
        let start = Self.now
        func use(at seconds: Int...) async throws -> Timestamp? {
            let time = Box(start)
            try await bench.withUses { uses in
                let verifier = bench.verifier(clock: WallClock { time.value }, uses: uses)
                for second in seconds {
                    time.value = start + .seconds(second)
                    _ = try await verifier.verify(text)
                }
            }
            return try await bench.service.key(key.id, in: bench.tenantID).lastUsedAt
        }
        #expect(try await use(at: 0, 1, 59) == start)
        // Another server, which knows nothing of the first's.
        #expect(try await use(at: 30, 59) == start)
        #expect(try await use(at: 60) == start + .seconds(60))
        #expect(try await use(at: 61, 120, 179, 180) == start + .seconds(180))
    }
}

/// An organisation with a member who makes keys.
struct KeyBench {
    let database: TenantDatabase
    let service: APIKeyService
    let tenantID: TenantID

    init(organization: String = "org_keys") async throws {
        database = TenantDatabase(pool: try TestDatabase.current.app)
        service = APIKeyService(database: database, clock: .fixed(TokenFixture.now))
        let person = Principal.Person(userID: "user_ana", sessionID: nil, role: .admin, permissions: [])
        let claim = OrganizationClaim(clerkID: organization, slug: nil, person: person)
        tenantID = try await OrganizationDirectory(database: database).organization(for: claim).id
    }

    func verifier(
        _ other: TenantDatabase? = nil,
        at time: Timestamp = TokenFixture.now,
        clock: WallClock? = nil,
        uses: APIKeyUses? = nil,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) -> APIKeyVerifier {
        let database = other ?? database
        let uses = uses ?? APIKeyUses(database: database, logger: TokenFixture.logger)
        return APIKeyVerifier(database: database, uses: uses, clock: clock ?? .fixed(time), now: now)
    }

    func create(_ grant: APIKey.Grant) async throws -> (key: APIKey, text: String) {
        let new = try await database.transaction(in: tenantID) {
            try await service.create(grant, by: "user_ana", in: $0)
        }
        return (new.key, try #require(new.secret?.exposed))
    }

    func revoke(_ id: APIKeyID) async throws {
        _ = try await database.transaction(in: tenantID) {
            try await service.revoke(id, by: "user_ana", reason: nil, in: $0)
        }
    }

    /// Runs `body` beside what writes uses down, and returns when that has written all.
    func withUses(_ body: (APIKeyUses) async throws -> Void) async throws {
        let uses = APIKeyUses(database: database, logger: TokenFixture.logger)
        try await whileRunning([uses], logger: TokenFixture.logger) { try await body(uses) }
    }

    /// How often the table of keys was looked into, with what this pool's only connection did.
    func lookUps(seenBy pool: PostgresPool) async throws -> Int {
        _ = try await pool.query(FlushStatistics())
        return try await TestDatabase.current.administrator.query(CountLookUps()).first ?? -1
    }
}

extension APIKeyVerifier {
    /// nil for a key that is accepted.
    fileprivate func refusal(of text: String) async -> Fault.Code? {
        do {
            _ = try await verify(text)
            return nil
        } catch {
            return (error as? Fault)?.code
        }
    }
}

extension String {
    /// This key's text with another tenant in it, and a checksum that is right.
    fileprivate func withTenant(_ tenantID: TenantID) -> String {
        let tenant = APIKeyToken(newFor: tenantID).text.exposed.dropFirst(12).prefix(22)
        return "\(prefix(12))\(tenant)\(dropFirst(34).dropLast(6))".withChecksum
    }

    fileprivate func withSecret() -> String {
        "\(prefix(42))\(String(decoding: Base62.random(33), as: UTF8.self))".withChecksum
    }

    var withChecksum: String {
        self + String(decoding: Base62.encode(UInt128(CRC32.checksum(utf8)), length: 6), as: UTF8.self)
    }
}

private struct FlushStatistics: Statement {
    // The transaction's own statistics go out with it.
    static let sql = "SELECT pg_stat_force_next_flush() IS NULL"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Bool { try row.read() }
}

private struct CountLookUps: Statement {
    static let sql =
        "SELECT (seq_scan + coalesce(idx_scan, 0))::bigint FROM pg_stat_user_tables WHERE relid = 'tenancy.api_key'::regclass"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}
