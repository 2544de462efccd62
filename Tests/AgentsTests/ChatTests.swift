internal import Analytics
internal import LanguageModels
internal import Postgres
internal import Primitives
internal import Tenancy
internal import Testing
internal import TestSupport

@testable internal import Agents

@Suite("A chat", .database)
struct ChatTests {
    private static let usage = TokenUsage(inputUncached: 100, cacheRead: 20, output: 7, isEstimated: false)

    @Test("is answered, stored, told and counted, and all of these agree")
    func wholeTurn() async throws {
        let provider = ScriptedProvider(ScriptedProvider.answer(["Custa ", "R$ 99."], usage: Self.usage))
        try await Fixture(provider).running { fixture in
            let agent = try await fixture.makeAgent()
            let attachment = try await fixture.ask(agent)
            let events = await attachment.all()
            #expect(events.statuses == [.started, .generating])
            #expect(events.answer == "Custa R$ 99.")
            #expect(events.done == .init(finishReason: .stop, isReplayed: false))
            #expect(events.terminalCount == 1)
            let metadata = try #require(events.metadata)
            #expect(metadata.usage == Self.usage)
            #expect(metadata.cost == nil)
            #expect(metadata.model == "scripted" && metadata.finishReason == .stop)

            let identity = attachment.identity
            let run = try await fixture.runs.run(identity.runID, in: fixture.tenantID)
            #expect(run.state == .completed && run.answer == "Custa R$ 99." && run.usage == Self.usage)
            #expect(run.finishReason == .stop && run.errorCode == nil && run.finishedAt != nil)
            let messages = try await fixture.conversations.messages(
                of: identity.conversationID,
                PageRequest(limit: 10, after: nil),
                in: fixture.tenantID
            ).items
            #expect(messages.map(\.role) == [.assistant, .user])
            #expect(messages.map(\.sequence) == [2, 1])
            #expect(messages.map(\.id) == [identity.messageID, run.userMessageID])
            #expect(messages.first?.runID == identity.runID)

            #expect(
                try await Look.pendingEvents() == ["conversation_started", "message_received", "message_completed"]
            )
            #expect(try await Look.disagreements() == [])
            let ledger = try await Look.ledger()
            let counted = ledger.mapValues { $0.quantity.description }.filter { !$0.key.hasPrefix("answer.") }
            #expect(
                counted == [
                    "conversation.started": "1", "message.in": "1", "message.out": "1", "tokens.input": "100",
                    "tokens.cached": "20", "tokens.output": "7",
                ]
            )
            #expect(ledger["answer.timing.total"]?.count == 1)
            // Whoever comes late is told the same.
            let late = try await fixture.runs.attach(
                identity.runID,
                in: fixture.tenantID,
                language: .english,
                requestID: .next()
            )
            #expect(await late.all() == events)
        }
    }

    @Test("costs what the price list says, exactly")
    func cost() async throws {
        try await TestDatabase.current.administrator.unsafeScript(
            """
            INSERT INTO analytics.price (model, version, meter, unit_price, currency, brl_rate, valid_from) VALUES
                ('scripted', 3, 'tokens.input', 0.00000125, 'USD', 5.4, '2026-01-01Z'),
                ('scripted', 3, 'tokens.cached', 0.000000125, 'USD', 5.4, '2026-01-01Z'),
                ('scripted', 3, 'tokens.output', 0.00001, 'USD', 5.4, '2026-01-01Z')
            """
        )
        try await Fixture(ScriptedProvider.answer(["Sim."], usage: Self.usage)).running { fixture in
            let attachment = try await fixture.ask(fixture.makeAgent())
            let cost = await attachment.all().metadata?.cost
            #expect(cost?.amount.description == "0.0001975")
            #expect(cost?.currency == .usd)
            let run = try await fixture.runs.run(attachment.identity.runID, in: fixture.tenantID)
            #expect(run.cost == cost)
            let ledger = try await Look.ledger()
            let counted = ledger.values.filter { $0.meter.hasPrefix("tokens.") }.map(\.amount).reduce(.zero, +)
            #expect(counted == cost?.amount)
        }
    }

    @Test("goes on where it stopped: the model is told what is stored, and only what is new is stored")
    func continuing() async throws {
        let provider = ScriptedProvider(ScriptedProvider.answer(["Olá."]))
        try await Fixture(provider).running { fixture in
            let agent = try await fixture.makeAgent()
            let question = ChatQuestion(
                agentID: agent.id,
                messages: [.init(.user, "Oi"), .init(.assistant, "Olá!"), .init(.user, "Qual é o preço?")],
                channel: .api,
                endUser: ["id": "u1"]
            )
            let first = try await fixture.chat.start(question, by: fixture.context)
            #expect(await first.all().done != nil)
            var next = question
            next.conversationID = first.identity.conversationID
            next.messages = [.init(.user, "inventado"), .init(.user, "E o prazo?")]
            #expect(try await fixture.chat.start(next, by: fixture.context).all().done != nil)

            #expect(
                provider.requests.map { $0.messages.map(\.text) } == [
                    ["Oi", "Olá!", "Qual é o preço?"], ["Oi", "Olá!", "Qual é o preço?", "Olá.", "E o prazo?"],
                ]
            )
            let id = first.identity.conversationID
            let page = try await fixture.conversations.messages(
                of: id,
                PageRequest(limit: 4, after: nil),
                in: fixture.tenantID
            )
            let rest = try await fixture.conversations.messages(
                of: id,
                PageRequest(limit: 4, after: page.next),
                in: fixture.tenantID
            )
            let messages = Array((page.items + rest.items).reversed())
            #expect(messages.map(\.sequence) == [1, 2, 3, 4, 5, 6])
            #expect(messages.map(\.isImported) == [true, true, false, false, false, false])
            #expect(messages.first?.metadata["imported"] == true)
            let ledger = try await Look.ledger()
            #expect(ledger["message.in"]?.count == 2 && ledger["conversation.started"]?.count == 1)
            #expect(try await Look.disagreements() == [])
            let conversation = try await fixture.conversations.conversation(id, in: fixture.tenantID)
            #expect(conversation.messageCount == 6 && conversation.endUser == ["id": "u1"])
        }
    }

    @Test("answers one message at a time: of many at once exactly one is taken")
    func busy() async throws {
        let gate = Gate()
        let steps: [ScriptedProvider.Step] = ScriptedProvider.answer(["Olá."])
        let provider = ScriptedProvider([.hold(gate)] + steps)
        try await Fixture(provider).running { fixture in
            let agent = try await fixture.makeAgent()
            let first = try await fixture.ask(agent)
            gate.open()
            #expect(await first.all().done != nil)
            let id = first.identity.conversationID
            let outcomes = await withTaskGroup(of: Result<RunAttachment, any Error>.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        do {
                            return .success(try await fixture.ask(agent, "Pergunta \(number)", in: id))
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            let codes = outcomes.compactMap { outcome in
                if case .failure(let error) = outcome { (error as? Fault)?.code } else { nil }
            }
            #expect(codes == Array(repeating: .conversationBusy, count: 11))
            #expect(
                await code { try await fixture.write { try await fixture.conversations.delete(id, in: $0) } }
                    == .conversationBusy
            )
            gate.open()
            for outcome in outcomes { #expect(await (try? outcome.get())?.all().done != nil || outcome.isFailure) }
            let conversation = try await fixture.conversations.conversation(id, in: fixture.tenantID)
            #expect(conversation.messageCount == 4)
            #expect(try await Look.disagreements() == [])
        }
    }

    @Test("is finished when its client goes away")
    func detached() async throws {
        let gate = Gate()
        let provider = ScriptedProvider(
            [.event(.started(model: "s")), .event(.textDelta("Custa ")), .hold(gate)]
                + ScriptedProvider.answer(["R$ 99."])
        )
        try await Fixture(provider).running { fixture in
            let attachment = try await fixture.ask(fixture.makeAgent())
            let client = Task { await attachment.all() }
            await gate.reached()
            client.cancel()
            let seen = await client.value
            #expect(seen.done == nil)
            gate.open()
            let resumed = try await fixture.runs.attach(
                attachment.identity.runID,
                in: fixture.tenantID,
                after: seen.last?.sequence ?? 0,
                language: .portuguese,
                requestID: .next()
            )
            let rest = await resumed.all()
            #expect(rest.first?.sequence == seen.count + 1)
            #expect((seen + rest).answer == "Custa R$ 99.")
            #expect(rest.done != nil)
            #expect(try await Look.disagreements() == [])
        }
    }

    @Test("that fails in mid-answer keeps the part there was, counts what was spent, and frees its conversation")
    func failure() async throws {
        let fault = Fault(
            .providerStreamTruncated,
            LocalizedText(pt: "A resposta do modelo foi interrompida.", en: "The model's answer was cut off.")
        )
        let provider = ScriptedProvider([
            .event(.started(model: "s")), .event(.textDelta("Custa ")), .event(.usage(Self.usage)), .fail(fault),
        ])
        try await Fixture(provider).running { fixture in
            let agent = try await fixture.makeAgent()
            let attachment = try await fixture.ask(agent)
            let events = await attachment.all()
            #expect(events.failure?.code == "provider_stream_truncated")
            #expect(events.failure?.message == "A resposta do modelo foi interrompida.")
            #expect(events.failure?.isRetryable == true)
            #expect(events.failure?.requestID == fixture.context.requestID)
            #expect(events.terminalCount == 1)
            let run = try await fixture.runs.run(attachment.identity.runID, in: fixture.tenantID)
            #expect(run.state == .failed && run.answer == "Custa " && run.usage == Self.usage)
            #expect(run.errorCode == "provider_stream_truncated")
            let ledger = try await Look.ledger()
            #expect(ledger["message.out"] == nil && ledger["tokens.input"]?.quantity == ExactDecimal(100))
            #expect(try await Look.disagreements() == [])
            let again = try await fixture.ask(agent, in: attachment.identity.conversationID)
            #expect(await again.all().failure != nil)
        }
    }

    @Test("with the same key is one chat")
    func idempotency() async throws {
        try await Fixture(ScriptedProvider.answer(["Olá."])).running { fixture in
            let agent = try await fixture.makeAgent()
            let key = IdempotencyKey(key: "k1", requestDigest: Array(repeating: 7, count: 32))
            let attachments = try await withThrowingTaskGroup(of: RunAttachment.self) { group in
                for _ in 0..<6 { group.addTask { try await fixture.ask(agent, key: key) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(attachments.map(\.identity)).count == 1)
            #expect(attachments.count { !$0.isRepeated } == 1)
            var told: [[RunEvent]] = []
            for attachment in attachments { told.append(await attachment.all()) }
            #expect(Set(told).count == 1)
            #expect(try await Look.ledger()["message.in"]?.count == 1)
            let other = IdempotencyKey(key: "k1", requestDigest: Array(repeating: 8, count: 32))
            #expect(await code { try await fixture.ask(agent, key: other) } == .idempotencyKeyReused)
            #expect(fixture.supervisor.activeRuns == 0)
        }
    }

    @Test("refuses early what cannot be answered, and leaves nothing")
    func refusals() async throws {
        let fixture = try await Fixture()
        let agent = try await fixture.makeAgent()
        let other = try await fixture.makeAgent()
        let attachment = try await fixture.ask(agent)
        #expect(
            await code { try await fixture.ask(other, in: attachment.identity.conversationID) } == .conversationNotFound
        )
        #expect(await code { try await fixture.ask(agent, in: .next()) } == .conversationNotFound)
        let foreign = try await Fixture(organization: "org_other")
        let agentOfOther = try await foreign.makeAgent()
        #expect(
            await code { try await foreign.ask(agentOfOther, in: attachment.identity.conversationID) }
                == .conversationNotFound
        )
        let unasked = ChatQuestion(agentID: agent.id, messages: [.init(.assistant, "Oi")], channel: .api)
        #expect(await code { try await fixture.chat.start(unasked, by: fixture.context) } == .validation)
        let messages: [ChatQuestion.Message] = [.init(.system, "Seja outro."), .init(.user, "Oi")]
        let instructed = ChatQuestion(agentID: agent.id, messages: messages, channel: .api)
        let member = try await Fixture.context("org_agents", role: .member, fixture.database)
        #expect(await code { try await fixture.chat.start(instructed, by: member) } == .permissionDenied)
        try await TestDatabase.current.administrator.unsafeScript(
            "UPDATE agents.agent SET model_id = 'gpt-5.4' WHERE id = '\(other.id)'"
        )
        #expect(await code { try await fixture.ask(other) } == .modelUnavailable)
        #expect(fixture.supervisor.activeRuns == 1)
        #expect(try await Look.ledger()["conversation.started"]?.count == 1)
        #expect(try await Look.disagreements() == [])
    }

    @Test("is with the agent as it is now, also where another process has changed it since the last one")
    func changedAgent() async throws {
        let provider = ScriptedProvider(ScriptedProvider.answer(["Olá."]))
        let administrator = try TestDatabase.current.administrator
        try await Fixture(provider).running { fixture in
            let agent = try await fixture.makeAgent()
            func change(_ assignment: String) async throws {
                try await administrator.unsafeScript("UPDATE agents.agent SET \(assignment) WHERE id = '\(agent.id)'")
            }
            for prompt in ["Responda em uma frase.", "Responda em duas frases.", "Responda em três frases."] {
                try await change("system_prompt = '\(prompt)'")
                for key in [nil, IdempotencyKey(key: prompt, requestDigest: Array(repeating: 7, count: 32))] {
                    #expect(try await fixture.ask(agent, key: key).all().done != nil)
                    #expect(provider.requests.last?.system == prompt)
                }
            }
            try await change("model_id = 'gpt-5.4'")
            #expect(await code { try await fixture.ask(agent) } == .modelUnavailable)
            try await change("deleted_at = now()")
            #expect(await code { try await fixture.ask(agent) } == .agentNotFound)
            #expect(await code { try await fixture.ask(agent) } == .agentNotFound)
            #expect(provider.requests.count == 6)
            #expect(try await Look.ledger()["conversation.started"]?.count == 6)
            #expect(try await Look.disagreements() == [])
        }
    }

    @Test("takes instructions from those who may give them")
    func override() async throws {
        let provider = ScriptedProvider(ScriptedProvider.answer(["Olá."]))
        try await Fixture(provider).running { fixture in
            let agent = try await fixture.makeAgent()
            var question = ChatQuestion(
                agentID: agent.id,
                messages: [.init(.system, "Fale como pirata."), .init(.user, "Oi")],
                channel: .api,
                contextData: ["user_info": ["name": "Ana"]]
            )
            question.temperature = 1.5
            #expect(try await fixture.chat.start(question, by: fixture.context).all().metadata?.temperature == 1.5)
            let request = try #require(provider.requests.first)
            #expect(request.system == "Fale como pirata.")
            #expect(request.context == ["user_info": ["name": "Ana"]])
            #expect(request.messages.map(\.text) == ["Oi"])
        }
    }
}

extension Result {
    fileprivate var isFailure: Bool {
        if case .failure = self { true } else { false }
    }
}
