internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@testable import Analytics

@Suite(.database, .timeLimit(.minutes(1))) struct LedgerTests {
    private struct Abandoned: Error {}

    private let tenant = TenantID.next()
    private let now = WallClock.system.now()
    private let subject = LedgerSubject(agentID: .next(), conversationID: .next(), channel: "web")

    private func entry(_ key: LedgerKey, _ quantity: Int = 1, at moment: Timestamp? = nil) -> LedgerEntry {
        LedgerEntry(.messageIn, ExactDecimal(quantity), key: key, at: moment ?? now, of: subject)
    }

    @Test("the same key with the same payload counts once, also within a call and with another time")
    func countsOnce() async throws {
        let database = try TestDatabase.current
        let key = LedgerKey(.message, MessageID.next())
        #expect(try await database.record([entry(key), entry(key)], in: tenant) == 1)
        #expect(try await database.record([entry(key, at: now - .seconds(60))], in: tenant) == 0)
        #expect(try await database.countLedgerRows() == [1, 1])
        // Another meter, another tenant: another count.
        let other = LedgerEntry(.messageOut, key: key, at: now, of: subject)
        #expect(try await database.record([entry(key), other], in: tenant) == 1)
        #expect(try await database.record([entry(key)], in: .next()) == 1)
        #expect(try await database.countLedgerRows() == [3, 3])
    }

    @Test("the same key with another payload is a conflict, and its transaction counts nothing")
    func conflict() async throws {
        let database = try TestDatabase.current
        let key = LedgerKey(.message, MessageID.next())
        try await database.record([entry(key)], in: tenant)
        var subject = subject
        subject.agentID = .next()
        for changed in [entry(key, 2), LedgerEntry(.messageIn, key: key, at: now, of: subject)] {
            let fresh = entry(LedgerKey(.message, MessageID.next()))
            let fault = await #expect(throws: Fault.self) { try await database.record([fresh, changed], in: tenant) }
            #expect(fault?.code == .dedupeConflict)
        }
        #expect(try await database.countLedgerRows() == [1, 1])
    }

    @Test("what is rolled back was not counted, and may be counted later")
    func rollback() async throws {
        let database = try TestDatabase.current
        let entry = entry(LedgerKey(.message, MessageID.next()))
        await #expect(throws: Abandoned.self) {
            try await database.tenants.transaction(in: tenant) { transaction in
                try await transaction.record([entry])
                throw Abandoned()
            }
        }
        #expect(try await database.countLedgerRows() == [0, 0])
        #expect(try await database.record([entry], in: tenant) == 1)
    }

    @Test("of many transactions that count the same keys at once, in any order, each key counts once")
    func concurrently() async throws {
        let database = try TestDatabase.current
        let entries = (0..<200).map { _ in entry(LedgerKey(.message, MessageID.next())) }
        let tenant = tenant
        let counted = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<16 { group.addTask { try await database.record(entries.shuffled(), in: tenant) } }
            return try await group.reduce(0, +)
        }
        #expect(counted == entries.count)
        #expect(try await database.countLedgerRows() == [200, 200])
    }

    @Test("a time beyond 35 days back or 5 minutes ahead is refused, and within it there is always a partition")
    func window() async throws {
        let database = try TestDatabase.current
        try await PartitionKeeper(pool: database.worker, logger: TestDatabase.logger).ensurePartitions()
        for offset in [-35 * 86_400 - 1, 301] {
            let late = entry(LedgerKey(.message, MessageID.next()), at: now + .seconds(offset))
            let fault = await #expect(throws: Fault.self) {
                try await database.record([late], in: tenant, clock: .fixed(now))
            }
            #expect(fault?.code == .occurredAtOutOfRange)
        }
        for offset in [-35 * 86_400, 300] {
            let edge = entry(LedgerKey(.message, MessageID.next()), at: now + .seconds(offset))
            #expect(try await database.record([edge], in: tenant, clock: .fixed(now)) == 1)
        }
    }

    @Test("without a tenant there is no row, with another tenant not one either")
    func isolation() async throws {
        let database = try TestDatabase.current
        try await database.record([entry(LedgerKey(.message, MessageID.next()))], in: tenant)
        #expect(try await database.app.query(CountLedgerRows()) == [[0, 0]])
        #expect(try await database.tenants.query(CountLedgerRows(), in: .next()) == [[0, 0]])
        #expect(try await database.tenants.query(CountLedgerRows(), in: tenant) == [[1, 1]])
        let tenant = tenant
        let foreign = entry(LedgerKey(.message, MessageID.next()))
        await #expect(throws: PostgresError.self) {
            try await database.tenants.query(RecordEntries(tenantID: tenant, entries: [foreign]), in: .next())
        }
    }

    @Test(
        "nobody who serves can change the ledger, reach a partition or make one",
        arguments: [
            "UPDATE analytics.usage_event SET quantity = 0", "DELETE FROM analytics.usage_event",
            "TRUNCATE analytics.usage_event", "UPDATE analytics.usage_key SET event_key = ''",
            "DELETE FROM analytics.usage_key", "SELECT FROM analytics.usage_key_0",
            "UPDATE analytics.price SET unit_price = 0",
            "SELECT analytics.ensure_partition('2018-11-01')",
            "SELECT analytics.protect_partition('analytics.usage_event')",
        ]
    )
    func appendOnly(_ sql: String) async throws {
        let database = try TestDatabase.current
        for pool in [database.app, database.worker] {
            let error = await #expect(throws: PostgresError.self) { try await pool.unsafeScript(sql) }
            #expect(error?.sqlState == .insufficientPrivilege)
        }
    }

    @Test("not even the owner changes a row of the ledger, through the whole table or a partition")
    func appendOnlyForTheOwner() async throws {
        let database = try TestDatabase.current
        try await database.ensurePartition(month: "2018-11-01")
        let moment = Timestamp.at("2018-11-04T12:00:00Z")
        let old = entry(LedgerKey(.message, MessageID.next()), at: moment)
        try await database.record([old], in: tenant, clock: .fixed(moment))
        for change in [
            "UPDATE analytics.usage_event SET quantity = 0", "DELETE FROM analytics.usage_event_201811",
            "TRUNCATE analytics.usage_event", "TRUNCATE analytics.usage_event_201811",
            "UPDATE analytics.usage_key SET event_key = ''", "TRUNCATE analytics.usage_key_3",
        ] {
            let error = await #expect(throws: PostgresError.self, "\(change)") {
                try await database.administrator.unsafeScript("SET ROLE agentes_owner; \(change)")
            }
            #expect(error?.sqlState == SQLState("23001"))
        }
        #expect(try await database.countLedgerRows() == [1, 1])
    }

    @Test("a model costs what its newest version said at that moment, and nothing is made up")
    func prices() async throws {
        let database = try TestDatabase.current
        try await database.administrator.unsafeScript(
            """
            INSERT INTO analytics.price (model, version, meter, valid_from, unit_price, currency, brl_rate) VALUES
                ('m', 1, 'tokens.input', '2026-01-01T00:00:00Z', 0.00000015, 'USD', 5.4),
                ('m', 1, 'tokens.output', '2026-01-01T00:00:00Z', 0.0000006, 'USD', 5.4),
                ('m', 2, 'tokens.input', '2026-06-01T00:00:00Z', 0.0000001, 'USD', 5.6)
            """
        )
        try await database.tenants.transaction(in: tenant) { transaction in
            func version(_ moment: String) async throws -> Int? {
                try await transaction.price(of: "m", at: .at(moment))?.version
            }
            let versions = [
                try await version("2025-12-31T23:59:59Z"), try await version("2026-01-01T00:00:00Z"),
                try await version("2026-05-31T23:59:59Z"), try await version("2026-06-01T00:00:00Z"),
            ]
            #expect(versions == [nil, 1, 1, 2])
            let first = try await transaction.price(of: "m", at: .at("2026-02-01T00:00:00Z"))
            #expect(first?.cost(of: TokenQuantities(input: 1000, output: 10))?.total.amount.description == "0.000156")
            let second = try await transaction.price(of: "m", at: .at("2026-07-01T00:00:00Z"))
            #expect(second?.cost(of: TokenQuantities(input: 1000, output: 10)) == nil)
            let local = try await transaction.price(of: "local", at: .at("2026-07-01T00:00:00Z"))
            let cost = local?.cost(of: TokenQuantities(input: 9, cached: 9, cacheWrite: 9, output: 9))
            #expect(cost?.total == Money(.zero, .brl))
        }
    }
}
