internal import LanguageModels
internal import Primitives
internal import ServiceLifecycle
internal import Tenancy
internal import Testing
internal import TestSupport

@testable internal import Agents

@Suite("A run", .database)
struct RunLifeTests {
    /// One word, then nothing until the gate opens.
    private static func held(_ gate: Gate) -> [ScriptedProvider.Step] {
        [.event(.started(model: "s")), .event(.textDelta("Custa ")), .hold(gate)] + ScriptedProvider.answer(["R$ 99."])
    }

    private static func state(_ attachment: RunAttachment, _ fixture: Fixture) async throws -> Run.State {
        try await fixture.runs.run(attachment.identity.runID, in: fixture.tenantID).state
    }

    @Test("of a process that was killed is given up, and its conversation is free again")
    func killed() async throws {
        // Its supervisor never runs, so what it begins is never finished, as after kill -9.
        let dead = try await Fixture()
        let agent = try await dead.makeAgent(model: "local")
        let attachments = try await withThrowingTaskGroup(of: RunAttachment.self) { group in
            for _ in 0..<20 { group.addTask { try await dead.ask(agent) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let first = try #require(attachments.first)

        try await Fixture().running { fixture in
            #expect(try await fixture.reaper.reap() == 0)
            #expect(await code { try await fixture.ask(agent, in: first.identity.conversationID) } == .conversationBusy)
            try await Look.expireLeases()
            // Two processes look at once; each run is given up by one.
            async let one = fixture.reaper.reap()
            async let two = fixture.reaper.reap()
            #expect(try await one + two >= 20)
            #expect(try await fixture.reaper.reap() == 0)
            for attachment in attachments { #expect(try await Self.state(attachment, fixture) == .interrupted) }

            let told = try await fixture.runs.attach(
                first.identity.runID,
                in: fixture.tenantID,
                language: .portuguese,
                requestID: .next()
            )
            let events = await told.all()
            #expect(events.map(\.sequence) == [1])
            #expect(events.failure?.code == "run_interrupted" && events.failure?.isRetryable == true)

            let again = try await fixture.ask(agent, in: first.identity.conversationID)
            #expect(await again.all().done != nil)
            let ledger = try await Look.ledger()
            #expect(ledger["message.in"]?.count == 21 && ledger["message.out"]?.count == 1)
            #expect(try await Look.disagreements() == [])
        }
    }

    @Test("that was given up changes nothing when it finishes after all")
    func fence() async throws {
        let gate = Gate()
        try await Fixture(Self.held(gate)).running { fixture in
            let attachment = try await fixture.ask(fixture.makeAgent())
            await gate.reached()
            try await Look.expireLeases()
            #expect(try await fixture.reaper.reap() == 1)
            gate.open()
            let events = await attachment.all()
            #expect(events.failure?.code == "run_interrupted")
            #expect(events.terminalCount == 1)
            let run = try await fixture.runs.run(attachment.identity.runID, in: fixture.tenantID)
            #expect(run.state == .interrupted && run.answer == nil && run.usage == nil)
            #expect(try await Look.ledger()["message.out"] == nil)
            #expect(try await Look.pendingEvents() == ["conversation_started", "message_received"])
            #expect(try await Look.disagreements() == [])
        }
    }

    @Test("keeps its lease while it is made, and stops when it has lost it")
    func leases() async throws {
        let gate = Gate()
        try await Fixture(Self.held(gate)).running { fixture in
            let attachment = try await fixture.ask(fixture.makeAgent())
            await gate.reached()
            try await Look.expireLeases()
            try await fixture.supervisor.renewLeases()
            #expect(try await fixture.reaper.reap() == 0)
            #expect(try await Self.state(attachment, fixture) == .running)
            try await Look.expireLeases()
            #expect(try await fixture.reaper.reap() == 1)
            try await fixture.supervisor.renewLeases()
            // The gate stays shut: the stop alone ends it.
            #expect(await attachment.all().failure?.code == "run_interrupted")
        }
    }

    @Test("that is cancelled stores what there is of it, also when asked of another process", arguments: [true, false])
    func cancelled(here: Bool) async throws {
        let gate = Gate()
        try await Fixture(Self.held(gate)).running { fixture in
            let attachment = try await fixture.ask(fixture.makeAgent())
            await gate.reached()
            if here {
                try await fixture.runs.cancel(attachment.identity.runID, in: fixture.tenantID)
            } else {
                let other = try await Fixture()
                try await other.runs.cancel(attachment.identity.runID, in: fixture.tenantID)
                try await fixture.supervisor.renewLeases()
            }
            let events = await attachment.all()
            #expect(events.done?.finishReason == .cancelled)
            #expect(events.metadata?.usage?.isEstimated == true)
            let run = try await fixture.runs.run(attachment.identity.runID, in: fixture.tenantID)
            #expect(run.state == .cancelled && run.answer == "Custa ")
            #expect(try await Look.ledger()["message.out"]?.count == 1)
            #expect(try await Look.disagreements() == [])
            // Once more is nothing.
            try await fixture.runs.cancel(attachment.identity.runID, in: fixture.tenantID)
            #expect(try await Self.state(attachment, fixture) == .cancelled)
            #expect(await code { try await fixture.runs.cancel(.next(), in: fixture.tenantID) } == .runNotFound)
        }
    }

    @Test("whose asker lost access fails with what was spent, and tells so once; another's goes on")
    func revoked() async throws {
        let (gate, other) = (Gate(), Gate())
        try await Fixture(Self.held(other), organization: "org_other").running { stranger in
            let strange = try await stranger.ask(stranger.makeAgent())
            await other.reached()
            try await Fixture(Self.held(gate)).running { fixture in
                let attachment = try await fixture.ask(fixture.makeAgent())
                await gate.reached()
                var revocations = Revocations()
                revocations.insert(.member(userID: "user_org:admin"), of: fixture.tenantID)
                stranger.supervisor.stop(revocations)
                fixture.supervisor.stop(revocations)
                let events = await attachment.all()
                #expect(events.failure?.code == "access_revoked" && events.failure?.isRetryable == false)
                #expect(events.terminalCount == 1 && events.metadata == nil)
                let run = try await fixture.runs.run(attachment.identity.runID, in: fixture.tenantID)
                #expect(run.state == .failed && run.errorCode == "access_revoked" && run.answer == "Custa ")
                #expect(run.usage?.isEstimated == true)
                #expect(try await Look.disagreements() == [])
            }
            other.open()
            #expect(await strange.all().done != nil)
        }
    }

    @Test("is not begun where a revocation was told after its asker was admitted")
    func revokedBefore() async throws {
        try await Fixture(ScriptedProvider.answer(["Olá."])).running { fixture in
            let agent = try await fixture.makeAgent()
            // The context is of before; nobody has anything open that this could stop.
            try await fixture.write { try await OrganizationService().suspend(in: $0) }
            fixture.directory.forget(fixture.tenantID)
            #expect(await code { try await fixture.ask(agent) } == .organizationSuspended)
            #expect(try await Look.ledger()["message.in"] == nil && fixture.supervisor.activeRuns == 0)
            try await fixture.write { try await OrganizationService().activate(in: $0) }
            #expect(try await fixture.ask(agent).all().done != nil)
        }
    }

    @Test("is let finish when its process is told to end, while none begins any more")
    func graceful() async throws {
        let gate = Gate()
        let fixture = try await Fixture(Self.held(gate))
        let group = ServiceGroup(services: [fixture.supervisor], logger: TestDatabase.logger)
        async let ended: Void = group.run()
        let agent = try await fixture.makeAgent()
        let attachment = try await fixture.ask(agent)
        await gate.reached()
        await group.triggerGracefulShutdown()
        try await until { !fixture.takesRuns }
        #expect(await code { try await fixture.ask(agent) } == .draining)
        gate.open()
        #expect(await attachment.all().done != nil)
        try await ended
        #expect(try await Look.disagreements() == [])
    }

    @Test("that does not finish in time is stored as interrupted when its process ends")
    func drained() async throws {
        let gate = Gate()
        var configuration = RunConfiguration()
        configuration.drainTimeout = .zero
        let fixture = try await Fixture(Self.held(gate), configuration: configuration)
        let group = ServiceGroup(services: [fixture.supervisor], logger: TestDatabase.logger)
        async let ended: Void = group.run()
        let attachment = try await fixture.ask(fixture.makeAgent())
        await gate.reached()
        await group.triggerGracefulShutdown()
        #expect(await attachment.all().failure?.code == "run_interrupted")
        try await ended
        let run = try await fixture.runs.run(attachment.identity.runID, in: fixture.tenantID)
        #expect(run.state == .interrupted && run.answer == "Custa " && run.usage == nil)
        #expect(try await Look.disagreements() == [])
    }

    @Test("of another process is told from the store once it has ended")
    func elsewhere() async throws {
        try await Fixture(ScriptedProvider.answer(["Olá, ", "Ana."])).running { fixture in
            let attachment = try await fixture.ask(fixture.makeAgent())
            #expect(await attachment.all().done != nil)
            let other = try await Fixture()
            let told = try await other.runs.attach(
                attachment.identity.runID,
                in: fixture.tenantID,
                language: .english,
                requestID: .next()
            )
            let events = await told.all()
            #expect(events.answer == "Olá, Ana.")
            #expect(events.done == .init(finishReason: .stop, isReplayed: true))
            #expect(
                await code {
                    try await other.runs.attach(
                        attachment.identity.runID,
                        in: .next(),
                        language: .english,
                        requestID: .next()
                    )
                } == .runNotFound
            )
        }
    }
}

extension Fixture {
    fileprivate var takesRuns: Bool {
        let identity = RunIdentity(tenantID: tenantID, runID: .next(), conversationID: .next(), messageID: .next())
        defer { supervisor.abandon(identity) }
        return (try? supervisor.reserve(identity, for: context.principal)) != nil
    }
}
