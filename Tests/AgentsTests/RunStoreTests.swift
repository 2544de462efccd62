internal import LanguageModels
internal import Postgres
internal import Primitives
internal import Tenancy
internal import Testing
internal import TestSupport

@testable internal import Agents

@Suite("Storing an answer", .database)
struct RunStoreTests {
    private static func held(_ gate: Gate) -> [ScriptedProvider.Step] {
        let usage = TokenUsage(inputUncached: 100, output: 7, isEstimated: false)
        return [.hold(gate)] + ScriptedProvider.answer(["Custa ", "R$ 99."], usage: usage)
    }

    @Test("is done although the connection is lost in its transaction, and once")
    func connectionLost() async throws {
        let gate = Gate()
        try await Fixture(Self.held(gate)).running { fixture in
            let administrator = try TestDatabase.current.administrator
            let attachment = try await fixture.ask(fixture.makeAgent())
            await gate.reached()
            try await administrator.transaction { transaction in
                try await transaction.execute(LockRuns())
                gate.open()
                try await until { try await !administrator.query(TerminateWaiting()).isEmpty }
            }
            let events = await attachment.all()
            #expect(events.done != nil)
            #expect(events.terminalCount == 1)
            #expect(try await Look.pendingEvents().count { $0 == "message_completed" } == 1)
            #expect(try await Look.disagreements() == [])
        }
    }

    @Test("that is refused for good ends in an error, and the run's lease frees the conversation")
    func refused() async throws {
        let gate = Gate()
        try await Fixture(Self.held(gate)).running { fixture in
            let administrator = try TestDatabase.current.administrator
            let agent = try await fixture.makeAgent()
            let attachment = try await fixture.ask(agent)
            await gate.reached()
            try await administrator.unsafeScript("REVOKE INSERT ON agents.message FROM agentes_app")
            gate.open()
            let events = await attachment.all()
            #expect(events.answer == "Custa R$ 99.")
            #expect(events.failure?.code == "answer_not_stored")
            #expect(events.terminalCount == 1)
            #expect(try await Look.disagreements() == [])
            try await administrator.unsafeScript("GRANT INSERT ON agents.message TO agentes_app")
            try await Look.expireLeases()
            #expect(try await fixture.reaper.reap() == 1)
            let again = try await fixture.ask(agent, in: attachment.identity.conversationID)
            gate.open()
            #expect(await again.all().done != nil)
            #expect(try await Look.disagreements() == [])
        }
    }

    @Test("twice is once, as after a commit whose confirmation was lost")
    func repeated() async throws {
        let fixture = try await Fixture()
        let agent = try await fixture.makeAgent()
        let question = ChatQuestion(agentID: agent.id, messages: [.init(.user, "Oi")], channel: .api)
        let opening = try ChatOpening(question, context: fixture.context, clock: .system)
        let order = try await fixture.write { transaction in
            try await fixture.chat.begin(opening, with: nil, in: transaction)
        }
        func conclusion(_ state: Run.State) -> RunConclusion {
            RunConclusion(
                state: state,
                answer: "Olá.",
                sources: [],
                usage: TokenUsage(inputUncached: 5, output: 2, isEstimated: true),
                finishReason: .stop,
                fault: nil,
                warnings: [],
                ttftMilliseconds: 1,
                totalMilliseconds: 2,
                finishedAt: WallClock.system.now()
            )
        }
        let store = RunStore(database: fixture.database, clock: .system)
        let completed = conclusion(.completed)
        #expect(try await store.finish(order, completed) == nil)
        #expect(try await store.finish(order, completed) == nil)
        // Another end than the stored one is refused.
        await #expect(throws: LostClaim.self) { try await store.finish(order, conclusion(.failed)) }
        #expect(try await Look.ledger()["message.out"]?.count == 1)
        #expect(try await Look.pendingEvents().count { $0 == "message_completed" } == 1)
        #expect(try await Look.disagreements() == [])
    }
}

private struct LockRuns: Command {
    static let sql = "LOCK TABLE agents.run IN ACCESS EXCLUSIVE MODE"
    var bindings: Bindings { [] }
}

/// Ends the sessions that wait for a lock on runs.
private struct TerminateWaiting: Statement {
    static let sql = """
        SELECT pg_terminate_backend(pid) FROM pg_locks
        WHERE relation = 'agents.run'::regclass AND NOT granted
        """
    var bindings: Bindings { [] }
    static func decode(_ row: inout RowReader) throws -> Bool { try row.read() }
}
