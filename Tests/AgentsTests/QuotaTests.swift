internal import LanguageModels
internal import Postgres
internal import Primitives
internal import Tenancy
internal import TestSupport
internal import Testing

@testable internal import Agents

/// Hard limits of a tenant: of a month, and of answers at once; over several processes' pools.
@Suite("A tenant's quotas", .database)
struct QuotaTests {
    @Test("Of 64 questions at once through four processes as many are taken as the month has messages")
    func messages() async throws {
        try await Self.processes(4) { fixtures in
            let agent = try await fixtures[0].makeAgent()
            let context = try await fixtures[0].agreed(#"{"monthly_messages": 20}"#)
            let refused = try await Self.ask(fixtures, agent, context, times: 64)
            #expect(refused == [.quotaExceeded: 44])
            #expect(try await Look.use() == [20])
            #expect(try await Look.quotaDisagreements() == [])
            #expect(try await Look.disagreements() == [])
        }
    }

    @Test("No more tokens are promised than the month has, and a killed process's are given back")
    func tokensOfKilled() async throws {
        try await Self.processes(4) { fixtures in
            let agent = try await fixtures[0].makeAgent()
            _ = try await fixtures[0].ask(agent)
            let most = try #require(try await Look.reservedTokens().first)
            #expect(most > 2048, "the answer's own tokens and the prompt's")
            let context = try await fixtures[0].agreed(#"{"monthly_tokens": \#(most * 10 + most / 2)}"#)
            // Nobody makes these answers, as after kill -9.
            #expect(try await Self.ask(fixtures, agent, context, times: 64) == [.quotaExceeded: 55])
            #expect(try await Look.reservedTokens() == Array(repeating: most, count: 10))
            #expect(try await Look.quotaDisagreements() == [])

            try await Look.expireLeases()
            async let one = fixtures[0].reaper.reap()
            async let two = fixtures[1].reaper.reap()
            _ = try await (one, two)
            #expect(try await Look.use() == [0])
            #expect(try await Look.quotaDisagreements() == [])
            #expect(try await Self.ask(fixtures, agent, context, times: 64) == [.quotaExceeded: 54])
        }
    }

    @Test("What an answer took takes the place of the most that it could: as the ledger has it, however it ended")
    func settled() async throws {
        let usage = TokenUsage(inputUncached: 100, cacheRead: 20, output: 7, isEstimated: false)
        try await Fixture(ScriptedProvider.answer(["Custa ", "R$ 99."], usage: usage)).running { fixture in
            let agent = try await fixture.makeAgent()
            #expect(try await fixture.ask(agent).all().done != nil)
            #expect(try await fixture.ask(agent).all().done != nil)
            #expect(try await Look.quotas() == ["2 254"])
        }
        let fault = Fault(.providerOverloaded, LocalizedText(pt: "", en: ""))
        try await Fixture([.event(.usage(usage)), .fail(fault)]).running { fixture in
            let attachment = try await fixture.ask(fixture.makeAgent())
            #expect(await attachment.all().failure != nil)
            #expect(try await Look.quotas() == ["2 381"], "no answer, but its tokens were spent")
        }
        let gate = Gate()
        try await Fixture([.event(.started(model: "s")), .hold(gate)]).running { fixture in
            let attachment = try await fixture.ask(fixture.makeAgent())
            await gate.reached()
            #expect(try await Look.quotaDisagreements() == [])
            try await fixture.runs.cancel(attachment.identity.runID, in: fixture.tenantID)
            #expect(await attachment.all().done?.finishReason == .cancelled)
        }
        #expect(try await Look.use() == [3])
        #expect(try await Look.quotaDisagreements() == [])
        let (taken, counted) = (try await Look.quotaTokens(), try await Look.ledgerTokens())
        #expect(taken == counted)
    }

    @Test("A refusal says which quota, how much it is and when it renews, and leaves nothing behind")
    func refusal() async throws {
        let fixture = try await Fixture()
        let agent = try await fixture.makeAgent()
        let context = try await fixture.agreed(#"{"monthly_messages": 0, "monthly_tokens": 0}"#)
        let question = ChatQuestion(agentID: agent.id, messages: [.init(.user, "Oi")], channel: .dashboard)
        let fault = await #expect(throws: Fault.self) { try await fixture.chat.start(question, by: context) }
        let renewal = try await TestDatabase.current.administrator.query(SelectNextMonth())[0]
        #expect(fault?.text(in: .english) == "This month's quota of 0 messages is used up. It renews at \(renewal).")
        #expect(fault?.text(in: .portuguese).contains("cota de 0 mensagens") == true)
        #expect(fault?.retryAfter.map { $0 > .zero && $0 <= .seconds(31 * 86_400) } == true)
        #expect(try await Look.ledger().isEmpty)
        #expect(try await Look.pendingEvents().isEmpty)
        // The place in the process is given back too.
        #expect(fixture.supervisor.activeRuns == 0)
    }

    @Test("Answers at once are as many as the plan allows, over all processes; a killed one's places come back")
    func concurrency() async throws {
        try await Self.processes(4) { fixtures in
            let agent = try await fixtures[0].makeAgent()
            let context = try await fixtures[0].agreed(#"{"concurrent_answers": 5}"#)
            #expect(try await Self.ask(fixtures, agent, context, times: 64) == [.concurrencyLimited: 59])
            #expect(try await Self.ask(fixtures, agent, context, times: 8) == [.concurrencyLimited: 8])
            // Before anybody has found them.
            try await Look.expireLeases()
            #expect(try await Self.ask(fixtures, agent, context, times: 64) == [.concurrencyLimited: 59])
            #expect(try await Look.quotaDisagreements() == [])
        }
        let fixture = try await Fixture(ScriptedProvider.answer(["Sim."]))
        try await Look.expireLeases()
        try await fixture.running { fixture in
            let context = try await fixture.agreed(#"{"concurrent_answers": 1}"#)
            let agent = try await fixture.makeAgent()
            for _ in 0..<3 {
                let question = ChatQuestion(agentID: agent.id, messages: [.init(.user, "Oi")], channel: .dashboard)
                #expect(try await fixture.chat.start(question, by: context).all().done != nil)
            }
        }
    }

    @Test("An organisation's own limits stand before its plan's, and null before both")
    func plans() async throws {
        let fixture = try await Fixture()
        try await TestDatabase.current.administrator.unsafeScript(
            """
            INSERT INTO tenancy.plan VALUES ('pro', '{"monthly_tokens": 10, "storage_bytes": 20, "chat_per_minute": 30}');
            UPDATE tenancy.organization SET plan = 'pro'
            """
        )
        let limits = try await fixture.agreed(
            #"{"storage_bytes": null, "chat_per_minute_of_user": 3, "monthly_tokens": 11}"#
        ).organization.limits
        var expected = PlanLimits()
        expected.monthlyTokens = 11
        expected.requests[.chat] = PlanLimits.Requests(tenant: 30, user: 3)
        #expect(limits == expected)
    }

    @Test(
        "A limit that is none is refused where it is written",
        arguments: [
            "[]", #""unlimited""#, #"{"monthly_mesages": 1}"#, #"{"monthly_messages": -1}"#,
            #"{"monthly_tokens": 1.5}"#,
            #"{"monthly_tokens": "10"}"#, #"{"chat_per_minute": 0}"#, #"{"storage_bytes": true}"#,
            #"{"read_per_minute": 10000000}"#,
        ]
    )
    func malformed(limits: String) async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await TestDatabase.current.administrator.unsafeScript(
                "INSERT INTO tenancy.plan VALUES ('typo', '\(limits)')"
            )
        }
        #expect(error?.sqlState == SQLState("23514"))
    }

    /// Fixtures of one organisation, each with a pool of its own.
    private static func processes(
        _ count: Int,
        pools: [PostgresPool] = [],
        _ body: @Sendable ([Fixture]) async throws -> Void
    ) async throws {
        guard pools.count < count else {
            var fixtures: [Fixture] = []
            for pool in pools { fixtures.append(try await Fixture(pool: pool)) }
            return try await body(fixtures)
        }
        let configuration = try TestDatabase.current.configuration(as: .app)
        try await PostgresPool.running(configuration, logger: TestDatabase.logger) { pool in
            try await processes(count, pools: pools + [pool], body)
        }
    }

    /// - Returns: how many were refused, by their codes.
    private static func ask(
        _ fixtures: [Fixture],
        _ agent: Agent,
        _ context: TenantContext,
        times: Int
    ) async throws -> [Fault.Code: Int] {
        let question = ChatQuestion(agentID: agent.id, messages: [.init(.user, "Qual é o preço?")], channel: .dashboard)
        return try await withThrowingTaskGroup(of: Fault.Code?.self) { group in
            for number in 0..<times {
                group.addTask {
                    while true {
                        do {
                            _ = try await fixtures[number % fixtures.count].chat.start(question, by: context)
                            return nil
                        } catch let fault as Fault where fault.code == .databaseUnavailable {
                            // A starved machine may be late to connect; that decides nothing.
                        } catch let fault as Fault {
                            return fault.code
                        }
                    }
                }
            }
            return try await group.reduce(into: [:]) { counts, code in
                if let code { counts[code, default: 0] += 1 }
            }
        }
    }
}

extension Fixture {
    /// The tenant's admin, once the organisation has these limits.
    fileprivate func agreed(_ limits: String) async throws -> TenantContext {
        try await TestDatabase.current.administrator.unsafeScript(
            "UPDATE tenancy.organization SET limits = '\(limits)' WHERE tenant_id = '\(tenantID)'"
        )
        return try await Self.context("org_agents", role: .admin, database)
    }
}

extension Look {
    /// Messages of each tenant and month.
    fileprivate static func use() async throws -> [Int] {
        try await TestDatabase.current.administrator.query(SelectMessages())
    }

    /// Messages and tokens of each tenant and month.
    fileprivate static func quotas() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectQuotas())
    }

    fileprivate static func quotaTokens() async throws -> Int? {
        try await TestDatabase.current.administrator.query(SelectQuotaTokens()).first
    }

    fileprivate static func ledgerTokens() async throws -> Int? {
        try await TestDatabase.current.administrator.query(SelectLedgerTokens()).first
    }

    /// Of each run under way.
    fileprivate static func reservedTokens() async throws -> [Int] {
        try await TestDatabase.current.administrator.query(SelectReservedTokens())
    }

    /// Months whose counts are not what the runs say.
    fileprivate static func quotaDisagreements() async throws -> [String] {
        try await TestDatabase.current.administrator.query(SelectQuotaDisagreements())
    }
}

private struct SelectMessages: Statement {
    static let sql = "SELECT messages FROM tenancy.monthly_use ORDER BY tenant_id, month"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

private struct SelectQuotas: Statement {
    static let sql = "SELECT messages || ' ' || tokens FROM tenancy.monthly_use ORDER BY tenant_id, month"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}

private struct SelectQuotaTokens: Statement {
    static let sql = "SELECT sum(tokens)::bigint FROM tenancy.monthly_use"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

private struct SelectLedgerTokens: Statement {
    static let sql = "SELECT sum(quantity)::bigint FROM analytics.usage_event WHERE meter LIKE 'tokens.%'"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

private struct SelectReservedTokens: Statement {
    static let sql = "SELECT reserved_tokens FROM agents.run WHERE state = 'running'"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Int { try row.read() }
}

private struct SelectNextMonth: Statement {
    static let sql = "SELECT date_trunc('month', now(), 'UTC') + interval '1 month'"
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Timestamp { try row.read() }
}

private struct SelectQuotaDisagreements: Statement {
    static let sql = """
        SELECT used::text || ' but ' || run::text FROM tenancy.monthly_use AS used
        FULL JOIN (
            SELECT tenant_id, date_trunc('month', started_at AT TIME ZONE 'UTC')::date AS month,
                count(*) FILTER (WHERE state NOT IN ('failed', 'interrupted')) AS messages,
                sum(CASE state WHEN 'running' THEN reserved_tokens ELSE coalesce(
                    input_tokens + cached_tokens + cache_write_tokens + output_tokens, 0
                ) END) AS tokens
            FROM agents.run GROUP BY 1, 2
        ) AS run USING (tenant_id, month)
        WHERE used.messages IS DISTINCT FROM run.messages OR used.tokens IS DISTINCT FROM run.tokens
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> String { try row.read() }
}
